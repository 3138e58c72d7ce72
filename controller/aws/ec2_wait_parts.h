/* What the waits for instances and images share; for ec2_wait*.c. */
#pragma once

#include "aws/ec2_wait.h"

/* The interval, more or less by a fifth, so that many waits do not ask in step. */
bool ec2_wait_pause(AwsSession *session, Error **err);
/* Until when "not found" is not believed. */
Deadline ec2_wait_visible(const Ec2Wait *wait);
/* Says text, which it takes over, unless it was said last. */
void ec2_wait_tell(const Ec2Wait *wait, char **last, char *text);
