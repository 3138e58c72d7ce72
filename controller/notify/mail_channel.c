/* Mail, by an SMTP server. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/smtp_client.h"
#include "notify/channel.h"
#include "notify/job_log_file.h"
#include "notify/mail_message.h"
#include "notify/mail_recipients.h"

typedef struct MailChannel {
        Channel base;
        SmtpClient *client;
        char *from;
} MailChannel;

static void add_recipients(
        const Channel *channel, const Document *event, const JobNews *news, StringList *ret) {
        (void) channel;
        mail_recipients(document_get(event, "app.log_notifications"), job_news_status(news), ret);
}

/* The log may be lost; the mail goes without it. Caller frees. */
static char *read_log(const Notice *notice, LogAttachment *ret) {
        CLEANUP(error_free) Error *unreadable = NULL;

        if (!log_attachment_read(notice->logs_folder, notice->news.job_id, ret, &unreadable))
                return xasprintf("The log is not attached: %s", error_message(unreadable));
        if (!ret->name)
                return xstrdup("There is no log.");
        if (ret->left_out > 0)
                return xasprintf(
                        "The log is attached without its first %llu bytes; all of it is at the address "
                        "above.",
                        (unsigned long long) ret->left_out);
        return xstrdup("The log is attached.");
}

static bool send(Channel *channel, const Notice *notice, Error **err) {
        MailChannel *self = (MailChannel *) channel;
        CLEANUP(log_attachment_clear) LogAttachment log = { 0 };
        CLEANUP(free) char *remark = read_log(notice, &log);
        CLEANUP(free) char *subject = mail_subject(&notice->news);
        CLEANUP(free) char *text = mail_text(&notice->news, remark);
        CLEANUP(free) char *html = mail_html(&notice->news, remark);
        CLEANUP(free) char *message_id = xasprintf("%s@%s", notice->delivery_id, strchr(self->from, '@') + 1);
        const SmtpAttachment attachment = { log.name, log.type, log.bytes, log.length };
        const char *const headers[][2] = { { "Auto-Submitted", "auto-generated" },
                                           { "X-Ghost-Delivery", notice->delivery_id },
                                           { NULL, NULL } };
        const SmtpMessage message = {
                .from_name = "Cloud Deploy",
                .from = self->from,
                .to = notice->recipient,
                .subject = subject,
                .message_id = message_id,
                .headers = headers,
                .text = text,
                .html = html,
                .attachment = log.name ? &attachment : NULL,
                .time_us = notice->news.at_us,
                .timeout_ms = notice->timeout_ms,
                .cancelled = notice->cancelled,
                .context = notice->context,
        };

        return smtp_client_send(self->client, &message, err);
}

static void free_channel(Channel *channel) {
        MailChannel *self = (MailChannel *) channel;

        smtp_client_free(self->client);
        free(self->from);
        free(self);
}

static const ChannelDriver driver = { .add_recipients = add_recipients, .send = send, .free = free_channel };

Channel *mail_channel_new(const MailSpec *spec) {
        const SmtpClientOptions options = { .server = spec->server,
                                            .user = spec->user,
                                            .password = spec->password,
                                            .ca_file = spec->ca_file,
                                            .tls = (SmtpTls) spec->tls };
        MailChannel *self = xcalloc(1, sizeof(*self));

        self->base = (Channel){ .driver = &driver, .name = "email" };
        self->client = smtp_client_new(&options);
        self->from = xstrdup(spec->from);
        return &self->base;
}
