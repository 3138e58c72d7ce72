/* Following a job's log live: server-sent events, resumed at the byte where a lost connection stopped. */
#pragma once

#include <stdio.h>

#include "cli_command.h"

/* One place the log goes to. */
typedef struct FollowSink {
        FILE *out;        /* NULL: none */
        bool keep_colour; /* else ANSI colours are taken out */
        bool in_escape;   /* its own: in the middle of a sequence */
} FollowSink;

enum { FOLLOW_SINKS = 2 };

typedef struct FollowOptions {
        FollowSink sinks[FOLLOW_SINKS];
} FollowOptions;

/* Waits while the job is queued, saying so on a terminal; ret_job: as it is then. */
bool follow_wait_start(Client *client, const char *job_id, Document **ret_job, Error **err);

/* Writes the log until the job has ended; ret_job: the job as it ended. Gives up after a minute without any
 * connection, saying how to go on. */
bool follow_job(Client *client, const char *job_id, FollowOptions *options, Document **ret_job, Error **err);

/* Success only for a job that is done; else its status and message. */
bool follow_verdict(const Document *job, Error **err);
