#include "notify/slack_message.h"

#include "base/memory.h"

enum { VALUE_MAX_BYTES = 2000 };

/* Slack reads &, < and > as its own: unescaped, a commit message could call everybody by <!channel>. */
static void append_escaped(Text *text, const char *value) {
        size_t start = text->length;

        for (; *value && text->length - start < VALUE_MAX_BYTES; value++)
                if (*value == '&')
                        text_append(text, "&amp;");
                else if (*value == '<')
                        text_append(text, "&lt;");
                else if (*value == '>')
                        text_append(text, "&gt;");
                else
                        text_append_bytes(text, value, 1);
        while (((unsigned char) *value & 0xc0) == 0x80) /* the rest of the last character */
                text_append_bytes(text, value++, 1);
        if (*value)
                text_append(text, "…");
}

static char *escaped(const char *value) {
        Text text = { 0 };

        append_escaped(&text, value);
        return text_take(&text);
}

static char *fallback_text(const JobNews *news) {
        const struct {
                const char *before, *value;
        } parts[] = {
                { news->waiting                ? ":raised_hand: ["
                  : news->status == JOB_FAILED ? ":warning: ["
                                               : ":ok_hand: [",
                  news->app },
                { "][*", news->env },
                { "*][", news->role },
                { "] *", news->command },
                { "* job triggered by [*", news->user },
                { "*] is *", job_news_status(news) },
                { "* (message: ", news->message },
        };
        Text text = { 0 };

        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                text_append(&text, parts[i].before);
                append_escaped(&text, parts[i].value);
        }
        text_append(&text, ")");
        return text_take(&text);
}

static void set_taken(Document *object, const char *name, char *value) {
        CLEANUP(free) char *owned = value;

        document_set_string(object, name, owned);
}

static void add_field(Document *fields, const char *title, const char *value, bool narrow) {
        Document *field = document_object();

        document_set_string(field, "title", title);
        set_taken(field, "value", escaped(value));
        document_set_bool(field, "short", narrow);
        document_append(fields, field);
}

static Document *make_fields(const JobNews *news, const char *extract) {
        CLEANUP(free) char *log = xasprintf("[...]\n%s", extract);
        Document *fields = document_array();

        add_field(fields, "Application", news->app, true);
        add_field(fields, "Environnement", news->env, true); /* spelled so by what people parse */
        add_field(fields, "Role", news->role, true);
        add_field(fields, "Command", news->command, true);
        add_field(fields, "User", news->user, true);
        add_field(fields, "Status", job_news_status(news), true);
        add_field(fields, "Message", news->message, false);
        add_field(fields, "Log extract", log, false);
        return fields;
}

static Document *make_attachment(const SlackSpec *spec, const JobNews *news, const char *extract) {
        CLEANUP(free) char *created = job_news_date(news->created_us);
        CLEANUP(free) char *user = escaped(news->user);
        Document *attachment = document_object();

        set_taken(attachment, "fallback", fallback_text(news));
        document_set_string(attachment, "pretext", spec->message_prefix ? spec->message_prefix : "");
        document_set_string(attachment, "color", job_news_color(news));
        set_taken(attachment, "title", xasprintf("Job #%s triggered by %s", news->job_id, user));
        document_set_string(attachment, "title_link", news->url);
        set_taken(attachment, "footer", xasprintf("Created at %s", created));
        document_set(attachment, "fields", make_fields(news, extract));
        return attachment;
}

static void set_if(Document *object, const char *name, const char *value) {
        if (!text_empty(value))
                document_set_string(object, name, value);
}

char *slack_message(const SlackSpec *spec, const JobNews *news, const char *extract) {
        CLEANUP(document_free) Document *message = document_object();
        Document *attachments = document_array();

        set_if(message, "channel", spec->channel);
        set_if(message, "username", spec->bot_name);
        set_if(message, "icon_url", spec->bot_icon);
        document_append(attachments, make_attachment(spec, news, extract));
        document_set(message, "attachments", attachments);
        return document_text(message);
}
