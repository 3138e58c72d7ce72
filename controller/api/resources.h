/* One row per file of this folder that answers requests. */
#pragma once

#include "http/route.h"

extern const Resource agent_program_resource;
extern const Resource apps_resource;
extern const Resource audit_trail_resource;
extern const Resource aws_choices_resource;
extern const Resource commands_resource;
extern const Resource deployments_resource;
extern const Resource description_resource;
extern const Resource docs_resource;
extern const Resource events_resource;
extern const Resource group_token_resource;
extern const Resource health_resource;
extern const Resource home_resource;
extern const Resource instances_resource;
extern const Resource job_logs_resource;
extern const Resource jobs_resource;
extern const Resource lxd_resource;
extern const Resource me_resource;
extern const Resource metrics_resource;
extern const Resource module_revisions_resource;
extern const Resource notifications_resource;
extern const Resource overview_resource;
extern const Resource plans_resource;
extern const Resource presets_resource;
extern const Resource rq_resource;
extern const Resource sessions_resource;
extern const Resource socket_io_resource;
extern const Resource tokens_resource;
extern const Resource users_resource;
extern const Resource version_resource;
extern const Resource web_resource;
extern const Resource webhook_invocations_resource;
extern const Resource webhooks_resource;
