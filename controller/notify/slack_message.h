/* What Slack is posted. Pure functions. */
#pragma once

#include "notify/channel.h"

/* extract: the last lines of the log, may be "". Caller frees. */
char *slack_message(const SlackSpec *spec, const JobNews *news, const char *extract);
