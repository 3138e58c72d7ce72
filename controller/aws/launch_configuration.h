/* Launch configurations, which launch templates have replaced: only read, to tell what a group was set up
 * with before. API of Auto Scaling, see aws/autoscaling.h. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

typedef struct LaunchConfiguration {
        char *name, *image_id, *instance_type, *key_name, *instance_profile; /* "": none */
} LaunchConfiguration;
void launch_configuration_clear(LaunchConfiguration *configuration);
static inline void launch_configuration_clearp(LaunchConfiguration *configuration) {
        launch_configuration_clear(configuration);
}

/* NOT_FOUND when there is none. */
bool asg_describe_launch_configuration(
        AwsSession *session, const char *name, LaunchConfiguration *ret, Error **err);
