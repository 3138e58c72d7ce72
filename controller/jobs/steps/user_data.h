/* User data of an instance: a shell script that is harmless to cloud-init and carries, in comments, what
 * ghost-agent needs to find its controller. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* poweroff_after_min: the instance ends itself after so long, whatever happens to the controller; 0: never.
 * Caller frees, and wipes: it holds the token. */
char *user_data_write(const JoinInfo *info, int poweroff_after_min);
