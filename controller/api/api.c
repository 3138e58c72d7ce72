#include "api/api.h"

#include "api/resources.h"
#include "base/memory.h"

/* clang-format off */
const Resource *const api_resources[] = {
        &agent_program_resource,
        &apps_resource,
        &audit_trail_resource,
        &aws_choices_resource,
        &commands_resource,
        &deployments_resource,
        &description_resource,
        &docs_resource, /* behind /docs/api, which is a program's */
        &events_resource,
        &group_token_resource,
        &health_resource,
        &home_resource,
        &instances_resource,
        &job_logs_resource,
        &jobs_resource,
        &lxd_resource,
        &me_resource,
        &metrics_resource,
        &module_revisions_resource,
        &notifications_resource,
        &overview_resource,
        &plans_resource,
        &presets_resource,
        &rq_resource,
        &sessions_resource,
        &socket_io_resource,
        &tokens_resource,
        &users_resource,
        &version_resource,
        &web_resource,
        &webhook_invocations_resource,
        &webhooks_resource,
        NULL,
};
/* clang-format on */

char *api_log_topic(const char *job_id) {
        return xasprintf("log/%s", job_id);
}
