#include "aws/assumed_role.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/sts.h"
#include "base/memory.h"
#include "base/text.h"

enum { ASSUME_TIMEOUT_MS = 60000, ACCOUNT_DIGITS = 12, ROLE_NAME_MAX = 512, EXTERNAL_ID_MAX = 1224 };

/* What AWS takes in the name of a role (with its path) and in an external id. */
#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-/"

typedef struct AssumedRole {
        struct AssumedRole *next;
        Aws *aws;
        char *account_id, *arn, *external_id, *region, *session_name;
        CredentialsProvider *provider;
} AssumedRole;

struct AssumedRoles {
        Aws *aws;
        pthread_mutex_t lock; /* guards the list */
        AssumedRole *first;
};

AssumedRoles *assumed_roles_new(Aws *aws) {
        AssumedRoles *roles = xcalloc(1, sizeof(*roles));

        roles->aws = aws;
        pthread_mutex_init(&roles->lock, NULL);
        return roles;
}

static void role_free(AssumedRole *role) {
        credentials_provider_free(role->provider);
        free(role->account_id);
        free(role->arn);
        free(role->external_id);
        free(role->region);
        free(role->session_name);
        free(role);
}

void assumed_roles_free(AssumedRoles *roles) {
        if (!roles)
                return;
        while (roles->first) {
                AssumedRole *role = roles->first;

                roles->first = role->next;
                role_free(role);
        }
        pthread_mutex_destroy(&roles->lock);
        free(roles);
}

char *assumed_role_arn(const AwsRole *role, const char *region) {
        return xasprintf("arn:%s:iam::%s:role/%s", region_partition(region), role->account_id, role->name);
}

/* STS does not say which of it is wrong, lest strangers learn. */
static bool explain(const AwsSession *session, const AssumedRole *role, Error **err) {
        if (session->failure.class != AWS_ERROR_PERMISSION)
                return error_prefix(err, "role %s", role->arn);
        CLEANUP(error_free) Error *refusal = TAKE(*err);
        return error_set(
                err, error_kind(refusal),
                "role %s: %s; the role must exist, its trust policy must name Ghost's identity%s, and that "
                "identity must be allowed to assume it",
                role->arn, error_message(refusal),
                *role->external_id ? " and the external id of the application"
                                   : " and no external id, for the application has none");
}

/* Shared by all who wait for the set: nobody's cancelling ends it. */
static bool assume(void *context, Credentials **ret, Error **err) {
        const AssumedRole *role = context;
        AwsSession session = { .aws = role->aws,
                               .region = role->region,
                               .deadline = deadline_after_ms(ASSUME_TIMEOUT_MS) };
        const AssumeRoleSpec spec = { .role_arn = role->arn,
                                      .session_name = role->session_name,
                                      .external_id = role->external_id };
        CLEANUP(free) char *account = NULL;
        CLEANUP(credentials_free) Credentials *found = NULL;

        if (!sts_assume_role(&session, &spec, &found, &account, err))
                return explain(&session, role, err);
        if (!text_equal(account, role->account_id))
                return error_set(
                        err, ERROR_FORBIDDEN, "role %s: STS answered with account %s", role->arn, account);
        found->origin = xstrdup(role->arn);
        *ret = TAKE(found);
        return true;
}

/* Two to 64 characters; the original's name for it, so that policies that look at it still fit. */
static char *session_name(const AwsRole *role) {
        const char *slash = strrchr(role->name, '/');
        char *name = xasprintf("assume-role_%s_%s", role->account_id, slash ? slash + 1 : role->name);

        if (strlen(name) > 63)
                name[63] = '\0';
        return name;
}

static AssumedRole *role_new(Aws *aws, const AwsRole *from, const char *region) {
        AssumedRole *role = xcalloc(1, sizeof(*role));

        role->aws = aws;
        role->account_id = xstrdup(from->account_id);
        role->arn = assumed_role_arn(from, region);
        role->external_id = xstrdup(from->external_id ? from->external_id : "");
        role->region = xstrdup(region);
        role->session_name = session_name(from);
        role->provider = credentials_provider_new(&(CredentialsSource){ assume, NULL, role }, 1);
        return role;
}

static bool check(const AwsRole *role, Error **err) {
        const char *external_id = role->external_id ? role->external_id : "";
        size_t name_length = strlen(role->name), id_length = strlen(external_id);

        if (strlen(role->account_id) != ACCOUNT_DIGITS ||
            role->account_id[strspn(role->account_id, "0123456789")])
                return error_set(
                        err, ERROR_INVALID,
                        "assumed_account_id '%.40s' is not an account number of 12 digits", role->account_id);
        if (name_length == 0 || name_length > ROLE_NAME_MAX || role->name[strspn(role->name, WORD)])
                return error_set(
                        err, ERROR_INVALID, "assumed_role_name '%.80s' is no name of a role", role->name);
        if (id_length == 1 || id_length > EXTERNAL_ID_MAX || external_id[strspn(external_id, WORD ":")])
                return error_set(
                        err, ERROR_INVALID,
                        "assumed_external_id: 2 to 1224 letters, digits and _ + = , . @ : / - only");
        return true;
}

static bool is(const AssumedRole *known, const AwsRole *role, const char *arn, const char *region) {
        return text_equal(known->arn, arn) && text_equal(known->region, region) &&
               text_equal(known->external_id, role->external_id ? role->external_id : "");
}

CredentialsProvider *assumed_roles_provider(
        AssumedRoles *roles, const AwsRole *role, const char *region, Error **err) {
        if (!check(role, err))
                return NULL;
        CLEANUP(free) char *arn = assumed_role_arn(role, region);

        pthread_mutex_lock(&roles->lock);
        AssumedRole *known = roles->first;
        while (known && !is(known, role, arn, region))
                known = known->next;
        if (!known) {
                known = role_new(roles->aws, role, region);
                known->next = roles->first;
                roles->first = known;
        }
        pthread_mutex_unlock(&roles->lock);
        return known->provider;
}
