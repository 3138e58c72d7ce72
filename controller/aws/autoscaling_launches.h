/* What all groups of the account and region launch, and what their instances were launched with. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

typedef struct AsgLaunches {
        StringList templates;      /* id, version, id, version … of launch templates, each pair once */
        StringList configurations; /* names of launch configurations */
} AsgLaunches;
void asg_launches_clear(AsgLaunches *launches);
static inline void asg_launches_clearp(AsgLaunches *launches) {
        asg_launches_clear(launches);
}

/* Of groups, of their mixed instances policies, and of their instances. */
bool asg_find_launches(AwsSession *session, AsgLaunches *ret, Error **err);
/* Adds the images of the launch configurations. */
bool asg_add_configuration_images(
        AwsSession *session, const AsgLaunches *launches, StringList *images, Error **err);
