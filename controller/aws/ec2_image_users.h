/* Who may launch an image: what must not be deregistered, because an instance that is to start would not. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

/* The images named by every default and latest launch template version of the account and region, and by
 * every launch template version and launch configuration that a group or one of its instances uses. Some may
 * be in it twice. */
bool ec2_find_image_users(AwsSession *session, StringList *ret_image_ids, Error **err);
