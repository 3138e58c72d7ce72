#include "notify/slack_file.h"

#include "base/file.h"
#include "base/memory.h"
#include "net/url.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static bool read_list(const char *path, Document **ret, Error **err) {
        CLEANUP(document_free) Document *list = NULL;
        CLEANUP(free) char *text = NULL;
        size_t length = 0;

        if (!file_read(path, FILE_MAX_BYTES, &text, &length, err) ||
            !(list = document_parse(text, length, err)))
                return false;
        if (!document_is_array(list))
                return error_set(err, ERROR_INVALID, "it holds no list");
        *ret = TAKE(list);
        return true;
}

static bool add_channel(
        const Document *entry, const char *states, Channel *channels[SLACK_CHANNELS_MAX], size_t *count,
        Error **err) {
        CLEANUP(error_free) Error *shows_the_secret = NULL;
        CLEANUP(url_clear) Url url = { 0 };
        const SlackSpec spec = {
                .url = document_get_string(entry, "webhooks_endpoint"),
                .channel = document_get_string(entry, "channel"),
                .bot_name = document_get_string(entry, "bot_name"),
                .bot_icon = document_get_string(entry, "bot_icon"),
                .message_prefix = document_get_string(entry, "message_prefix"),
                .states = states,
        };

        if (*count >= SLACK_CHANNELS_MAX)
                return error_set(err, ERROR_INVALID, "more than %d channels", SLACK_CHANNELS_MAX);
        if (!url_parse(spec.url, &url, &shows_the_secret))
                return error_set(err, ERROR_INVALID, "webhooks_endpoint is no URL");
        channels[(*count)++] = slack_channel_new(&spec);
        return true;
}

bool slack_file_read(
        const char *path, const char *states, Channel *channels[SLACK_CHANNELS_MAX], size_t *count,
        Error **err) {
        CLEANUP(document_free) Document *list = NULL;

        if (!read_list(path, &list, err))
                return error_prefix(err, "%s", path);
        for (size_t i = 0; i < document_count(list); i++)
                if (!add_channel(document_at(list, i), states, channels, count, err))
                        return error_prefix(err, "%s: [%zu]", path, i);
        return true;
}
