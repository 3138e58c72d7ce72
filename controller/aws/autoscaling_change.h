/* Changes of groups that another activity of the group is in the way of. Only for controller/aws. */
#pragma once

#include "aws/query_form.h"

/* As query_do; while the group says ScalingActivityInProgress the same is asked again, for some minutes and
 * within the session's deadline. */
bool asg_change(AwsSession *session, const char *action, const AwsForm *form, Error **err);
