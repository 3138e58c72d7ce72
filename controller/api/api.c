#include "api/api.h"

#include <string.h>

#include "api/resources.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "store/user_store.h"

/* clang-format off */
const Resource *const api_resources[] = {
        &apps_resource,
        &commands_resource,
        &deployments_resource,
        &description_resource,
        &health_resource,
        &home_resource,
        &instances_resource,
        &job_logs_resource,
        &jobs_resource,
        &lxd_resource,
        &notifications_resource,
        &rq_resource,
        &version_resource,
        &web_resource,
        &webhook_invocations_resource,
        &webhooks_resource,
        NULL,
};
/* clang-format on */

static Right right_of(const char *role) {
        if (strcmp(role, "admin") == 0)
                return RIGHT_ADMIN;
        if (strcmp(role, "operator") == 0)
                return RIGHT_OPERATE;
        return strcmp(role, "viewer") == 0 ? RIGHT_READ : RIGHT_NONE;
}

static bool find_user(void *context, const char *name, char **ret_hash, Right *ret_right, Error **err) {
        const Services *services = context;
        CLEANUP(user_clear) User user = { 0 };

        if (!user_store_get(services->store, name, &user, err))
                return false;
        *ret_hash = xstrdup(user.password_hash);
        *ret_right = right_of(user.role);
        return true;
}

static bool find_token(void *context, const char *token, Account *ret, Error **err) {
        const Services *services = context;
        CLEANUP(free) char *hash = crypto_sha256_hex(token, strlen(token));
        CLEANUP(free) char *user = NULL, *role = NULL;

        if (!token_store_get(services->store, hash, &user, &role, err))
                return false;
        ret->right = right_of(role);
        ret->name = TAKE(user);
        return true;
}

AuthSource api_auth_source(Services *services) {
        return (AuthSource){ .find_user = find_user, .find_token = find_token, .context = services };
}

char *api_log_topic(const char *job_id) {
        return xasprintf("log/%s", job_id);
}
