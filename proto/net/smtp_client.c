#include "net/smtp_client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/curl_start.h"
#include "net/mail_header.h"

enum { CONNECT_TIMEOUT_MS = 10000, REPLY_MAX_BYTES = 300 };

static const char *const tls_words[SMTP_TLS_COUNT] = {
        [SMTP_TLS_REQUIRED] = "required",
        [SMTP_TLS_OPPORTUNISTIC] = "opportunistic",
        [SMTP_TLS_NONE] = "none",
};
const Names smtp_tls_names = NAMES(tls_words);

struct SmtpClient {
        CURL *curl;
        char *server, *user, *password, *ca_file;
        SmtpTls tls;
};

/* One mail: what curl's callbacks fill. */
typedef struct Exchange {
        const SmtpMessage *message;
        char *refusal;   /* the server's last 4xx or 5xx, in its words */
        bool mail_named; /* MAIL FROM was said: what is refused from here on is this mail */
        bool cancelled;
} Exchange;

static char *copy_or_null(const char *text) {
        return text ? xstrdup(text) : NULL;
}

SmtpClient *smtp_client_new(const SmtpClientOptions *options) {
        SmtpClient *client = xcalloc(1, sizeof(*client));

        curl_start();
        client->curl = curl_easy_init();
        if (!client->curl)
                abort(); /* out of memory */
        client->server = xstrdup(options->server);
        client->user = copy_or_null(options->user);
        client->password = copy_or_null(options->password);
        client->ca_file = copy_or_null(options->ca_file);
        client->tls = options->tls;
        return client;
}

void smtp_client_free(SmtpClient *client) {
        if (!client)
                return;
        curl_easy_cleanup(client->curl);
        free(client->server);
        free(client->user);
        free(client->password);
        free(client->ca_file);
        free(client);
}

static void keep_refusal(Exchange *exchange, const char *bytes, size_t length) {
        char *reply;

        if (length < 3 || (bytes[0] != '4' && bytes[0] != '5'))
                return;
        reply = xstrndup(bytes, length < REPLY_MAX_BYTES ? length : REPLY_MAX_BYTES);
        for (char *at = reply; *at; at++)
                if ((unsigned char) *at < ' ' || (unsigned char) *at >= 0x7f)
                        *at = ' ';
        free(exchange->refusal);
        exchange->refusal = text_trim(reply);
        free(reply);
}

/* What is said and answered, as far as it explains a refusal; passwords pass here and are not kept. */
static int on_dialogue(CURL *curl, curl_infotype type, char *bytes, size_t length, void *userdata) {
        static const char mail_from[] = "MAIL FROM";
        Exchange *exchange = userdata;

        (void) curl;
        if (type == CURLINFO_HEADER_IN)
                keep_refusal(exchange, bytes, length);
        else if (
                type == CURLINFO_HEADER_OUT && length >= sizeof(mail_from) &&
                memcmp(bytes, mail_from, sizeof(mail_from) - 1) == 0)
                exchange->mail_named = true;
        return 0;
}

static int on_progress(
        void *userdata, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up) {
        Exchange *exchange = userdata;

        (void) down_total, (void) down, (void) up_total, (void) up;
        exchange->cancelled = exchange->message->cancelled(exchange->message->context);
        return exchange->cancelled ? 1 : 0;
}

static void configure_connection(const SmtpClient *client) {
        static const long use_ssl[SMTP_TLS_COUNT] = { CURLUSESSL_ALL, CURLUSESSL_TRY, CURLUSESSL_NONE };
        CURL *curl = client->curl;

        curl_easy_reset(curl); /* options only: the connection stays */
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_URL, client->server);
        curl_easy_setopt(curl, CURLOPT_USE_SSL, use_ssl[client->tls]);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long) CONNECT_TIMEOUT_MS);
        if (client->ca_file)
                curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
        if (client->user) {
                curl_easy_setopt(curl, CURLOPT_USERNAME, client->user);
                curl_easy_setopt(curl, CURLOPT_PASSWORD, client->password ? client->password : "");
        }
}

static void configure_exchange(CURL *curl, Exchange *exchange) {
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) exchange->message->timeout_ms);
        curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); /* or the dialogue is not shown */
        curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_dialogue);
        curl_easy_setopt(curl, CURLOPT_DEBUGDATA, exchange);
        if (exchange->message->cancelled) {
                curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
                curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
                curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
        }
}

static struct curl_slist *append_taken(struct curl_slist *list, char *line) {
        CLEANUP(free) char *owned = line;

        return curl_slist_append(list, owned);
}

static struct curl_slist *header_list(const SmtpMessage *message) {
        CLEANUP(free) char *date = clock_format(message->time_us, "%a, %d %b %Y %H:%M:%S +0000");
        struct curl_slist *list = NULL;

        list = append_taken(list, xasprintf("From: %s <%s>", message->from_name, message->from));
        list = append_taken(list, xasprintf("To: <%s>", message->to));
        list = append_taken(list, mail_header("Subject", message->subject));
        list = append_taken(list, xasprintf("Date: %s", date));
        list = append_taken(list, xasprintf("Message-ID: <%s>", message->message_id));
        for (size_t i = 0; message->headers && message->headers[i][0]; i++)
                list = append_taken(list, mail_header(message->headers[i][0], message->headers[i][1]));
        return list;
}

/* In mails, lines end in CR LF. */
static void add_part(curl_mime *alternative, const char *type, const char *content) {
        CLEANUP(text_clear) Text lines = { 0 };
        curl_mimepart *part = curl_mime_addpart(alternative);

        for (;;) {
                size_t length = strcspn(content, "\r\n");

                text_append_bytes(&lines, content, length);
                content += length;
                if (!*content)
                        break;
                if (*content == '\n')
                        text_append(&lines, "\r\n");
                content++;
        }
        curl_mime_data(part, lines.data ? lines.data : "", lines.length);
        curl_mime_type(part, type);
        curl_mime_encoder(part, "quoted-printable");
}

static curl_mime *make_mime(CURL *curl, const SmtpMessage *message) {
        curl_mime *mixed = curl_mime_init(curl), *alternative = curl_mime_init(curl);
        curl_mimepart *body = curl_mime_addpart(mixed);

        add_part(alternative, "text/plain; charset=utf-8", message->text);
        add_part(alternative, "text/html; charset=utf-8", message->html);
        curl_mime_subparts(body, alternative);
        curl_mime_type(body, "multipart/alternative");
        /* Else curl names it form data. */
        curl_mime_headers(body, curl_slist_append(NULL, "Content-Disposition: inline"), 1);
        if (message->attachment) {
                curl_mimepart *part = curl_mime_addpart(mixed);

                curl_mime_data(part, message->attachment->bytes, message->attachment->length);
                curl_mime_type(part, message->attachment->type);
                curl_mime_filename(part, message->attachment->name);
                curl_mime_encoder(part, "base64");
        }
        return mixed;
}

static bool describe_failure(
        const Exchange *exchange, CURLcode code, long reply, const char *detail, Error **err) {
        const char *text = *detail ? detail : curl_easy_strerror(code);
        const char *gap = exchange->refusal ? ": " : "", *said = exchange->refusal ? exchange->refusal : "";
        /* 530, 534, 535 and 538 speak of the login or its encryption: the settings can cure that. */
        bool login = code == CURLE_LOGIN_DENIED || (reply >= 530 && reply <= 538);

        if (exchange->cancelled)
                return error_set(err, ERROR_CANCELLED, "mail: cancelled");
        if (code == CURLE_OPERATION_TIMEDOUT)
                return error_set(err, ERROR_TIMEOUT, "mail server: %s", text);
        if (login)
                return error_set(err, ERROR_FORBIDDEN, "mail server: %s%s%s", text, gap, said);
        if (exchange->mail_named && reply >= 500 && reply <= 599)
                return error_set(err, ERROR_INVALID, "mail server: %s%s%s", text, gap, said);
        return error_set(err, ERROR_UNAVAILABLE, "mail server: %s%s%s", text, gap, said);
}

static bool check_addresses(const SmtpMessage *message, Error **err) {
        if (!mail_address_valid(message->from))
                return error_set(err, ERROR_INVALID, "'%s' is no mail address", message->from);
        return mail_address_valid(message->to) ||
               error_set(err, ERROR_INVALID, "'%s' is no mail address", message->to);
}

bool smtp_client_send(SmtpClient *client, const SmtpMessage *message, Error **err) {
        char detail[CURL_ERROR_SIZE] = "";
        Exchange exchange = { .message = message };
        CURL *curl = client->curl;
        long reply = 0;

        if (!check_addresses(message, err))
                return false;
        CLEANUP(free) char *from = xasprintf("<%s>", message->from), *to = xasprintf("<%s>", message->to);
        struct curl_slist *recipients = curl_slist_append(NULL, to), *headers = header_list(message);
        curl_mime *mime = make_mime(curl, message);

        configure_connection(client);
        configure_exchange(curl, &exchange);
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
        CURLcode code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
        curl_easy_reset(curl);
        curl_mime_free(mime);
        curl_slist_free_all(headers);
        curl_slist_free_all(recipients);

        bool ok = code == CURLE_OK || describe_failure(&exchange, code, reply, detail, err);
        free(exchange.refusal);
        return ok;
}
