/* The first hello of an instance that was just launched. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* Until its agent is connected. An instance that ends while it boots, fails EC2's status checks or is to be
 * retired is noticed within seconds, with EC2's reason. Caller frees the id. */
bool await_agent(Ec2Work *work, const char *instance_id, char **ret_agent_id, Error **err);
