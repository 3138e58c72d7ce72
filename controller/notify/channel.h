/* A way to tell news: mail, one Slack channel, the outgoing webhook, the endpoint of instances. Each has a
 * thread of its own in the notifier and is used by no other. */
#pragma once

#include "base/error.h"
#include "base/text.h"
#include "notify/job_news.h"
#include "json/document.h"

/* One delivery that is due. */
typedef struct Notice {
        const char *delivery_id; /* the same at every attempt */
        const char *recipient;
        const Document *event;
        JobNews news;
        const char *logs_folder;
        int64_t timeout_ms;
        bool (*cancelled)(void *context);
        void *context;
} Notice;

typedef struct Channel Channel;

typedef struct ChannelDriver {
        /* Who is to be told this; nobody: none are added. Called from another thread than send. */
        void (*add_recipients)(
                const Channel *channel, const Document *event, const JobNews *news, StringList *ret);
        /* Blocks. INVALID: trying again would not help. */
        bool (*send)(Channel *channel, const Notice *notice, Error **err);
        void (*free)(Channel *channel);
} ChannelDriver;

struct Channel {
        const ChannelDriver *driver;
        char name[32];     /* "email", "slack/<8 hex digits>", "webhook": the same after a restart */
        bool of_instances; /* it tells what instances do, and nothing of jobs */
};

typedef struct MailSpec {
        const char *server, *user, *password, *from, *ca_file;
        int tls; /* SmtpTls */
} MailSpec;
Channel *mail_channel_new(const MailSpec *spec);

typedef struct SlackSpec {
        const char *url;                                            /* a secret */
        const char *channel, *bot_name, *bot_icon, *message_prefix; /* NULL: none */
        const char *states;                                         /* job states, apart by blanks */
} SlackSpec;
Channel *slack_channel_new(const SlackSpec *spec);

typedef struct WebhookSpec {
        const char *url, *secret, *ca_file; /* secret NULL: not signed */
} WebhookSpec;
Channel *webhook_channel_new(const WebhookSpec *spec);

/* Cloud Deploy's notification_endpoint: what an instance does, in its words. */
typedef struct EndpointSpec {
        const char *url, *ca_file;
} EndpointSpec;
Channel *endpoint_channel_new(const EndpointSpec *spec);

static inline void channel_free(Channel *channel) {
        if (channel)
                channel->driver->free(channel);
}
