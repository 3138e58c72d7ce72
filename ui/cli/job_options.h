/* The options that every command that makes a job takes: --live-logs, --output, --no-color. */
#pragma once

#include "log_output.h"

#define JOB_OPTIONS                                                                                          \
        { "live-logs", 'f', NULL, "Wait for the job and show its log; exit 1 unless it ends well" },         \
                LOG_OPTIONS, {                                                                               \
                NULL                                                                                         \
        }

/* Posts the job, prints its id, follows it when asked. Takes body over; command and app_id are put into it.
 */
bool job_submit(
        CliContext *context, const Arguments *arguments, const char *command, const char *app, Document *body,
        Error **err);

/* The same with a body that is complete. */
bool job_post(CliContext *context, const Arguments *arguments, const Document *body, Error **err);

/* The job's log until it has ended, to standard output and to the file of --output, which is made by this.
 * ret_ended: the job as it ended. */
bool job_follow(
        CliContext *context, const Arguments *arguments, const Document *job, Document **ret_ended,
        Error **err);
