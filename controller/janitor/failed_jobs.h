/* Instances that a job launched for good and could not end again when it failed: it was not allowed to look,
 * or to end them. They carry no deadline, for those that serve must never be taken by a tag that stayed
 * behind; instead both must be so: the job of the tag ghost:job has failed, and the instance has never been
 * bootstrapped. And twice, in one look and in the next, for an instance that joins anew is known as
 * bootstrapped only a moment later. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"
#include "store/store.h"

typedef struct FailedJobs {
        AwsSession *session;
        Store *store;
        const StringList *suspects; /* of the last look */
        StringList *ret_suspects;   /* of this one; added to */
        size_t removed;
        size_t left; /* still there: to be looked at again, or it could not be ended */
} FailedJobs;

/* False: the first reason why something stays. The others are tried all the same. */
bool failed_jobs_sweep(FailedJobs *look, Error **err);
