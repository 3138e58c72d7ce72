/* Following a job's log live: server-sent events, resumed at the byte where a lost connection stopped. */
#pragma once

#include <stdio.h>

#include "cli_command.h"

typedef struct FollowOptions {
        FILE *out;
        bool keep_colour; /* else ANSI colours are taken out */
} FollowOptions;

/* Writes the log until the job has ended; ret_job: the job as it ended. Gives up after a minute without any
 * connection, saying how to go on. */
bool follow_job(
        Client *client, const char *job_id, const FollowOptions *options, Document **ret_job, Error **err);

/* Success only for a job that is done; else its status and message. */
bool follow_verdict(const Document *job, Error **err);
