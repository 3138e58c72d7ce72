/* The outgoing webhook: every state of every job, as JSON that the receiver can check to be ours. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "notify/json_post.h"
#include "notify/webhook_body.h"

typedef struct WebhookChannel {
        Channel base;
        char *url, *secret, *host;
        HttpClient *client;
} WebhookChannel;

static void add_recipients(
        const Channel *channel, const Document *event, const JobNews *news, StringList *ret) {
        const WebhookChannel *self = (const WebhookChannel *) channel;

        (void) event, (void) news;
        string_list_add(ret, self->host);
}

static bool send(Channel *channel, const Notice *notice, Error **err) {
        WebhookChannel *self = (WebhookChannel *) channel;
        CLEANUP(free) char *body = webhook_body(notice->event, &notice->news, notice->delivery_id);
        CLEANUP(free) char *signature = webhook_signature(self->secret ? self->secret : "", body);
        CLEANUP(string_list_clear) StringList headers = { 0 };

        string_list_addf(&headers, "X-Ghost-Event: job.%s", job_news_status(&notice->news));
        string_list_addf(&headers, "X-Ghost-Delivery: %s", notice->delivery_id);
        if (self->secret)
                string_list_addf(&headers, "X-Ghost-Signature-256: %s", signature);
        return json_post(self->client, self->url, (const char *const *) headers.items, body, notice, err);
}

static void free_channel(Channel *channel) {
        WebhookChannel *self = (WebhookChannel *) channel;

        http_client_free(self->client);
        free(self->url);
        free(self->secret);
        free(self->host);
        free(self);
}

static const ChannelDriver driver = { .add_recipients = add_recipients, .send = send, .free = free_channel };

Channel *webhook_channel_new(const WebhookSpec *spec) {
        WebhookChannel *self = xcalloc(1, sizeof(*self));

        self->base = (Channel){ .driver = &driver, .name = "webhook" };
        self->url = xstrdup(spec->url);
        self->secret = text_empty(spec->secret) ? NULL : xstrdup(spec->secret);
        self->host = json_post_host(spec->url);
        self->client = http_client_new(&(HttpClientOptions){ .ca_file = spec->ca_file });
        return &self->base;
}
