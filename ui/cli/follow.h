/* A job's log: live by server-sent events or as it is stored; either way a lost connection is taken up again
 * at the byte where it stopped. */
#pragma once

#include "client.h"
#include "log_sink.h"

/* Waits while the job is queued, saying so on a terminal; ret_job: as it is then. */
bool follow_wait_start(Client *client, const char *job_id, Document **ret_job, Error **err);

/* Writes the log until the job has ended; ret_job: the job as it ended. Gives up after a minute without any
 * connection, saying how to go on. */
bool follow_job(Client *client, const char *job_id, LogSinks *sinks, Document **ret_job, Error **err);

/* What is stored at the path ("/jobs/ID/logs") from *offset on, byte for byte; *offset is behind it
 * afterwards. */
bool follow_stored(Client *client, const char *path, uint64_t *offset, LogSinks *sinks, Error **err);

/* Success only for a job that is done; else its status and message. */
bool follow_verdict(const Document *job, Error **err);
