/* The end of a job that is not run again: whatever it took out of balancers of one kind goes back. */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct BalancerReturn {
        const char *names; /* the step of the job's memory that lists the names under which it took out */
        bool (*put_back)(void *context, const char *name, Error **err); /* without waiting for service */
        void *context;
        const char *left, *remedy; /* said with the reason between them when that fails */
} BalancerReturn;

/* In a session of its own: the job may have been cancelled, or its time may be up. */
void balancer_return_all(Ec2Work *work, const BalancerReturn *what);
