/* Credentials of roles in other accounts, by STS AssumeRole: one set for each role, external id and region,
 * kept and renewed as credentials.h says, by the Aws's own identity. */
#pragma once

#include "aws/aws.h"
#include "aws/credentials.h"

typedef struct AssumedRoles AssumedRoles;

/* aws must outlive it. */
AssumedRoles *assumed_roles_new(Aws *aws);
void assumed_roles_free(AssumedRoles *roles);
CLEANUP_DEFINE(AssumedRoles, assumed_roles_free);

/* Whose sets are those of the role as it is assumed in the region; lives as long as the roles. Nothing is
 * sent. Thread-safe. INVALID: what the role's fields hold cannot be a role. */
CredentialsProvider *assumed_roles_provider(
        AssumedRoles *roles, const AwsRole *role, const char *region, Error **err);

/* "arn:aws:iam::123456789012:role/deployer", in the partition of the region. Caller frees. */
char *assumed_role_arn(const AwsRole *role, const char *region);
