/* What EC2 and Auto Scaling have to say of an instance before it may join; for admission.c. */
#pragma once

#include "agents/instance_identity.h"
#include "aws/autoscaling.h"
#include "aws/ec2.h"
#include "json/document.h"

typedef struct AdmissionCase {
        const Document *app;
        const InstanceIdentity *identity; /* opened: AWS signed it */
        const char *account_id;           /* of the application */
        const Ec2Instances *instances;    /* as EC2 shows them now */
        const AsgInstances *members;      /* as Auto Scaling shows them now */
        int64_t now_us, window_ms;
} AdmissionCase;

/* UNAVAILABLE: not to be seen (yet). FORBIDDEN: it is not what it has to be. */
bool admission_check(const AdmissionCase *admission, Error **err);
