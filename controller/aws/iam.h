/* IAM: the instance profiles an application may name. IAM is one service for a whole partition. API version
 * 2010-05-08; see aws/aws.h for sessions. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

typedef struct IamInstanceProfile {
        char *name, *arn, *path;
        StringList role_names; /* one at most, today */
} IamInstanceProfile;

typedef struct IamInstanceProfiles {
        IamInstanceProfile *items;
        size_t count;
} IamInstanceProfiles;

void iam_instance_profile_clear(IamInstanceProfile *profile);
static inline void iam_instance_profile_clearp(IamInstanceProfile *profile) {
        iam_instance_profile_clear(profile);
}
void iam_instance_profiles_clear(IamInstanceProfiles *profiles);
static inline void iam_instance_profiles_clearp(IamInstanceProfiles *profiles) {
        iam_instance_profiles_clear(profiles);
}

/* All of the account, by pages; path_prefix NULL: all paths. */
bool iam_list_instance_profiles(
        AwsSession *session, const char *path_prefix, IamInstanceProfiles *ret, Error **err);
/* NOT_FOUND when there is none of that name. */
bool iam_get_instance_profile(AwsSession *session, const char *name, IamInstanceProfile *ret, Error **err);
