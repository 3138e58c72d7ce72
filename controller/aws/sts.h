/* STS: whom the credentials belong to. */
#pragma once

#include "aws/aws.h"

typedef struct CallerIdentity {
        char *account;
        char *arn;
        char *user_id;
} CallerIdentity;

bool sts_get_caller_identity(AwsSession *session, CallerIdentity *ret, Error **err);
void caller_identity_clear(CallerIdentity *identity);
static inline void caller_identity_clearp(CallerIdentity *identity) {
        caller_identity_clear(identity);
}
