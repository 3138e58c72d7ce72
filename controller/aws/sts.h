/* STS: whom the credentials belong to, and those of roles. */
#pragma once

#include "aws/aws.h"
#include "aws/credentials.h"

typedef struct CallerIdentity {
        char *account;
        char *arn;
        char *user_id;
} CallerIdentity;

bool sts_get_caller_identity(AwsSession *session, CallerIdentity *ret, Error **err);
void caller_identity_clear(CallerIdentity *identity);
static inline void caller_identity_clearp(CallerIdentity *identity) {
        caller_identity_clear(identity);
}

typedef struct AssumeRoleSpec {
        const char *role_arn;
        const char *session_name; /* 2 to 64 letters, digits and _ + = , . @ - */
        const char *external_id;  /* NULL or "": none */
        int64_t duration_s;       /* 900 to 43,200; 0: STS's own, an hour */
} AssumeRoleSpec;

/* *ret_account: the number of the account that the role is of. Caller frees both. FORBIDDEN: the role's trust
 * policy, or the external id. */
bool sts_assume_role(
        AwsSession *session, const AssumeRoleSpec *spec, Credentials **ret, char **ret_account, Error **err);

/* For who has a token of an identity provider that the role trusts. The session's Aws may be anonymous. */
bool sts_assume_role_with_web_identity(
        AwsSession *session, const char *role_arn, const char *session_name, const char *token,
        Credentials **ret, Error **err);
