/* Which instances are an application's. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* The living instances of the application: by its tags app, env, role and color; those that carry another
 * application's id are not its. With them those that Ghost knows as its own and whose tags EC2 does not show
 * (yet). */
bool find_app_instances(Ec2Work *work, const Ec2App *app, Ec2Instances *ret, Error **err);
