/* The options that every command that makes a job takes: --live-logs, --output, --no-color. */
#pragma once

#include "cli_command.h"

#define JOB_OPTIONS                                                                                          \
        { "live-logs", 'f', NULL, "Wait for the job and show its log; exit 1 unless it ends well" },         \
                { "output", 'o', "FILE", "With --live-logs: write the log to FILE" },                        \
                { "no-color", 0, NULL, "Take the colours out of the log" }, {                                \
                NULL                                                                                         \
        }

/* Posts the job, prints its id, follows it when asked. Takes body over; command and app_id are put into it.
 */
bool job_submit(
        CliContext *context, const Arguments *arguments, const char *command, const char *app, Document *body,
        Error **err);

/* As the options say; the file is made by this. */
bool job_follow(CliContext *context, const Arguments *arguments, const char *job_id, Error **err);
