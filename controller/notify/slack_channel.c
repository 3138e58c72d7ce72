/* One channel of Slack, by an incoming webhook of theirs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "notify/job_log_file.h"
#include "notify/json_post.h"
#include "notify/slack_message.h"

enum { EXTRACT_LINES = 5, NAME_DIGITS = 8 };

typedef struct SlackChannel {
        Channel base;
        SlackSpec spec; /* its strings are owned */
        StringList states;
        HttpClient *client;
} SlackChannel;

static void add_recipients(
        const Channel *channel, const Document *event, const JobNews *news, StringList *ret) {
        const SlackChannel *self = (const SlackChannel *) channel;

        (void) event;
        if (string_list_contains(&self->states, job_news_status(news)))
                string_list_add(ret, self->spec.channel ? self->spec.channel : "");
}

static bool send(Channel *channel, const Notice *notice, Error **err) {
        SlackChannel *self = (SlackChannel *) channel;
        CLEANUP(free)
        char *extract = log_last_lines(notice->logs_folder, notice->news.job_id, EXTRACT_LINES);
        CLEANUP(free) char *body = slack_message(&self->spec, &notice->news, extract);
        CLEANUP(free) char *delivery = xasprintf("X-Ghost-Delivery: %s", notice->delivery_id);
        const char *const headers[] = { delivery, NULL };

        return json_post(self->client, self->spec.url, headers, body, notice, err);
}

static void free_channel(Channel *channel) {
        SlackChannel *self = (SlackChannel *) channel;

        http_client_free(self->client);
        string_list_clear(&self->states);
        free((char *) self->spec.url);
        free((char *) self->spec.channel);
        free((char *) self->spec.bot_name);
        free((char *) self->spec.bot_icon);
        free((char *) self->spec.message_prefix);
        free(self);
}

static const ChannelDriver driver = { .add_recipients = add_recipients, .send = send, .free = free_channel };

static char *copy_or_null(const char *text) {
        return text_empty(text) ? NULL : xstrdup(text);
}

Channel *slack_channel_new(const SlackSpec *spec) {
        SlackChannel *self = xcalloc(1, sizeof(*self));
        CLEANUP(free) char *identity = xasprintf("%s %s", spec->url, spec->channel ? spec->channel : "");
        CLEANUP(free) char *hash = crypto_sha256_hex(identity, strlen(identity));

        self->base.driver = &driver;
        (void) snprintf(self->base.name, sizeof(self->base.name), "slack/%.*s", NAME_DIGITS, hash);
        self->spec = (SlackSpec){ .url = xstrdup(spec->url),
                                  .channel = copy_or_null(spec->channel),
                                  .bot_name = copy_or_null(spec->bot_name),
                                  .bot_icon = copy_or_null(spec->bot_icon),
                                  .message_prefix = copy_or_null(spec->message_prefix) };
        text_split(spec->states ? spec->states : "", ' ', &self->states);
        self->client = http_client_new(NULL);
        return &self->base;
}
