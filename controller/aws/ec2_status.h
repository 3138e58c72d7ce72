/* EC2: what its checks find of a running instance, and what it is going to do to it. */
#pragma once

#include "aws/ec2.h"

typedef struct Ec2Status {
        char *id;
        char *system, *instance, *disks; /* "ok", "impaired", "initializing", … */
        char *event;                     /* "instance-retirement"; "": none is scheduled */
        char *event_text;                /* "[Completed] …" once it is over */
} Ec2Status;
void ec2_status_clear(Ec2Status *status);
static inline void ec2_status_clearp(Ec2Status *status) {
        ec2_status_clear(status);
}

/* Of one that does not run nothing is known: ret->id is "" then. */
bool ec2_describe_status(AwsSession *session, const char *id, Ec2Status *ret, Error **err);
