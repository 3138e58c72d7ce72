/* Whether an identity may do what the controller does, asked without doing it: by EC2's dry runs, and by the
 * smallest question of services that have none. What needs a thing to be done to (an image to launch, a group
 * to change) cannot be asked so. */
#pragma once

#include <stddef.h>

#include "aws/aws.h"

/* "ec2:DescribeInstances"; NULL behind the last. */
const char *permission_probe_name(size_t index);

/* *ret_allowed false: AWS refuses it; *ret_why is what it said, caller frees. Anything else that fails is an
 * error. */
bool permission_probe(AwsSession *session, size_t index, bool *ret_allowed, char **ret_why, Error **err);

/* The clock of AWS minus ours, to the second or so. Needs no credentials. */
bool aws_clock_offset(AwsSession *session, int64_t *ret_offset_us, Error **err);
