/* What a deploy or a redeploy leaves in the store: the deployment, and what job and application say of it. */
#pragma once

#include "jobs/job_context.h"

/* package: as package_module() gives it. *ret_id, which the caller frees, follows from job and module. */
bool deployment_record(
        JobContext *job, const char *module, const char *module_path, const Document *package, char **ret_id,
        Error **err);
