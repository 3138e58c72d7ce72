/* One more instance of an application: launched, joined, bootstrapped; or nothing. */
#pragma once

#include "jobs/steps/ec2_work.h"
#include "jobs/steps/launch_instance.h"

typedef struct CreateSpec {
        const Ec2App *app;
        const char *subnet_id;  /* NULL: the application's */
        const char *private_ip; /* NULL: any; needs subnet_id or the application's first */
} CreateSpec;

/* Can be run again after the controller died at any point. When it fails or is cancelled, the instance is
 * ended. */
bool create_instance(Ec2Work *work, const CreateSpec *spec, Ec2Instance *ret, Error **err);

/* One of several that a job makes: launched, joined, bootstrapped. When it fails, whatever has become of it
 * is left to the caller. */
bool create_one(Ec2Work *work, const Ec2App *app, const LaunchSpec *launch, Ec2Instance *ret, Error **err);
