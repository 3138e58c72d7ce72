/* The end of a deploy or a redeploy of one module, when the instances have it. */
#pragma once

#include "jobs/job_context.h"

/* Runs after_all_deploy, then records the deployment and marks job and application, all or nothing and once
 * per job. It is recorded also when the hook failed, since it is live; the message says so. package: as
 * package_module() gives it. *ret_id, which the caller frees, follows from job and module. */
bool deployment_finish(
        JobContext *job, const char *module, const char *module_path, const Document *package, char **ret_id,
        Error **err);
