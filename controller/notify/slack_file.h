/* A file of several Slack channels: a JSON list with the members of the original's slack_configs, each
 * {"webhooks_endpoint", "channel", "bot_name", "bot_icon", "message_prefix"}. */
#pragma once

#include "notify/channel.h"

enum { SLACK_CHANNELS_MAX = 16 };

/* Appends to the channels; *count is how many there are. */
bool slack_file_read(
        const char *path, const char *states, Channel *channels[SLACK_CHANNELS_MAX], size_t *count,
        Error **err);
