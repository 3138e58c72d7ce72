/* Waits for EC2: bounded by the session's deadline, ended at once by a state that cannot lead to the wanted
 * one. */
#pragma once

#include "aws/ec2.h"

typedef struct Ec2Wait {
        int64_t visible_within_ms; /* that it is "not found" is believed only after so long of nothing else;
                                    * 0: 5 minutes */
        /* Told when the state changes. NULL: nobody. */
        void (*progress)(void *context, const char *text);
        int64_t stall_ms; /* an image that gets no further for so long is given up; 0: never */
        /* The wait goes on for good reason: its session's deadline may be moved here. NULL: nobody. */
        void (*moved)(void *context);
        void *context;
} Ec2Wait;

/* wanted: EC2_RUNNING, EC2_STOPPED or EC2_TERMINATED. ret (may be NULL) is the instance as last seen; for an
 * instance that has vanished on the way to EC2_TERMINATED it is left empty. A failure names state and reason.
 */
bool ec2_wait_instance(
        AwsSession *session, const char *id, Ec2InstanceState wanted, const Ec2Wait *wait, Ec2Instance *ret,
        Error **err);

/* ec2_find_instances() for who decides by what is missing: that is asked for a few times more, with a pause,
 * as one answer may lack what the next one has. */
bool ec2_seek_instances(AwsSession *session, const StringList *ids, Ec2Instances *ret, Error **err);

/* Until it is available, however long that takes, as long as its snapshots grow: TIMEOUT when they do not. */
bool ec2_wait_image(AwsSession *session, const char *id, const Ec2Wait *wait, Ec2Image *ret, Error **err);
