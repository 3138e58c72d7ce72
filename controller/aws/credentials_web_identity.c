/* Credentials of a role for who shows a token of an identity provider (Kubernetes' service accounts, for
 * example), by STS AssumeRoleWithWebIdentity: the one call that nobody signs. */
#include <stdlib.h>

#include "aws/credentials.h"
#include "aws/sts.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { MAX_TOKEN_BYTES = 64 << 10, TIMEOUT_MS = 60000 };

bool credentials_assume_with_token(
        const char *const *environment, const WebIdentity *identity, Credentials **ret, Error **err) {
        CLEANUP(free) char *content = NULL;
        const AwsOptions options = { .region = identity->region,
                                     .environment = environment,
                                     .anonymous = true };

        if (!file_read(identity->token_file, MAX_TOKEN_BYTES, &content, NULL, err))
                return error_prefix(err, "web identity");
        CLEANUP(free) char *token = text_trim(content);
        CLEANUP(aws_free) Aws *aws = aws_new(&options, err);
        if (!aws)
                return false;
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(TIMEOUT_MS) };
        if (!sts_assume_role_with_web_identity(
                    &session, identity->role_arn,
                    text_empty(identity->session_name) ? "ghost" : identity->session_name, token, ret, err))
                return false;
        (*ret)->origin = xstrdup(identity->role_arn);
        return true;
}

static bool load_web_identity(void *context, Credentials **ret, Error **err) {
        const char *const *environment = context;
        const WebIdentity identity = {
                .token_file = environment_value(environment, "AWS_WEB_IDENTITY_TOKEN_FILE"),
                .role_arn = environment_value(environment, "AWS_ROLE_ARN"),
                .session_name = environment_value(environment, "AWS_ROLE_SESSION_NAME"),
        };

        if (!identity.token_file)
                return true;
        if (!identity.role_arn)
                return error_set(
                        err, ERROR_INVALID, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
        return credentials_assume_with_token(environment, &identity, ret, err);
}

CredentialsSource credentials_from_web_identity(const char *const *environment) {
        return (CredentialsSource){ load_web_identity, NULL, (void *) environment };
}
