/* The agent put together: identity, task journal, releases, runner and link, from start to stop.
 *
 * Threads: main waits for signals; "link" dials and reads, "link-send" sends; "task" threads, one for each
 * module being worked on, carry out orders and are the only ones that run programs or touch releases. */
#pragma once

#include "channel.h"
#include "settings.h"

/* Runs until SIGTERM or SIGINT, or until an image is to be made of the instance. Returns the exit status.
 * config_file: for taking the token out of it; may be NULL. */
int agent_run(const AgentSettings *settings, const char *config_file, const ChannelDriver *driver);
