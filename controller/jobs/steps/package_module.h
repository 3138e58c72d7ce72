/* From a module's repository to its package in the store. */
#pragma once

#include "jobs/job_context.h"

/* The package as a document: manifest_sha256, revision, commit, commit_message, timestamp, package. Made once
 * per job and module: a resumed job finds it again. rev: as the job asks. */
bool package_module(JobContext *job, const Document *module, const char *rev, Document **ret, Error **err);

/* Runs the package's after_all_deploy, if it has one, in its tree on the controller; once per job. */
bool package_run_after_all(JobContext *job, const char *manifest_sha256, Error **err);
