/* Against a mail server that says what a script tells it; real servers are in integration/test_notify.py. */
#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "net/smtp_client.h"

typedef struct Reply {
        const char *command, *answer; /* to lines that begin so */
} Reply;

enum { REPLIES_MAX = 6 };

/* One connection after the other until it is shut down. */
typedef struct MailServer {
        int listener;
        pthread_t thread;
        const char *greeting;
        Reply replies[REPLIES_MAX];
        Text said; /* by the client; read after stop */
        char *url;
} MailServer;

static const char *answer_to(const MailServer *server, const char *line) {
        static const Reply usual[] = { { "EHLO", "250 here" },   { "MAIL", "250 ok" },
                                       { "RCPT", "250 ok" },     { "DATA", "354 go on" },
                                       { ".\r\n", "250 taken" }, { "QUIT", "221 bye" } };

        for (size_t i = 0; i < REPLIES_MAX && server->replies[i].command; i++)
                if (text_starts_with(line, server->replies[i].command))
                        return server->replies[i].answer;
        for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
                if (text_starts_with(line, usual[i].command))
                        return usual[i].answer;
        return NULL;
}

static void talk(MailServer *server, FILE *in, int out) {
        char line[2048];
        bool data = false;

        (void) dprintf(out, "%s\r\n", server->greeting);
        while (fgets(line, sizeof(line), in)) {
                text_append(&server->said, line);
                if (data && strcmp(line, ".\r\n") != 0)
                        continue;
                const char *answer = answer_to(server, line);
                data = answer && answer[0] == '3';
                if (answer && dprintf(out, "%s\r\n", answer) < 0)
                        return;
        }
}

static void *serve(void *argument) {
        MailServer *server = argument;
        int connection;

        while ((connection = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
                FILE *in = fdopen(dup(connection), "r");

                talk(server, in, connection);
                (void) fclose(in);
                close(connection);
        }
        return NULL;
}

static void start(MailServer *server) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);

        if (!server->greeting)
                server->greeting = "220 test";
        server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(server->listener, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(server->listener, 8), 0);
        assert_int_equal(getsockname(server->listener, (struct sockaddr *) &address, &length), 0);
        server->url = xasprintf("smtp://127.0.0.1:%d", ntohs(address.sin_port));
        assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

/* The client must have hung up. */
static void stop(MailServer *server) {
        shutdown(server->listener, SHUT_RDWR);
        pthread_join(server->thread, NULL);
        close(server->listener);
        free(server->url);
}

static const SmtpMessage plain = {
        .from_name = "Cloud Deploy",
        .from = "ghost@example.com",
        .to = "ann@example.com",
        .subject = "hello\r\nBcc: all@example.com",
        .message_id = "1@example.com",
        .text = "one\n.\ntwo\n",
        .html = "<p>one</p>\n",
        .timeout_ms = 20000,
};

static bool send_to(MailServer *server, SmtpTls tls, const SmtpMessage *message, Error **err) {
        CLEANUP(smtp_client_free)
        SmtpClient *client =
                smtp_client_new(&(SmtpClientOptions){ .server = server->url, .user = NULL, .tls = tls });

        return smtp_client_send(client, message, err);
}

static void assert_said(const MailServer *server, const char *words) {
        if (!strstr(server->said.data, words))
                fail_msg("'%s' is not in:\n%s", words, server->said.data);
}

static void a_mail_has_text_html_and_an_attachment(void **state) {
        static const SmtpAttachment attachment = { "log.txt", "text/plain; charset=utf-8", "hello", 5 };
        static const char *const headers[][2] = { { "X-Delivery", "7\r\nBcc: b@example.com" },
                                                  { NULL, NULL } };
        MailServer server = { 0 };
        SmtpMessage message = plain;

        (void) state;
        start(&server);
        message.attachment = &attachment;
        message.headers = headers;
        assert_ok(send_to(&server, SMTP_TLS_NONE, &message, err));
        stop(&server);
        assert_said(&server, "MAIL FROM:<ghost@example.com>");
        assert_said(&server, "RCPT TO:<ann@example.com>\r\n");
        assert_said(&server, "From: Cloud Deploy <ghost@example.com>\r\n");
        assert_said(&server, "Subject: hello  Bcc: all@example.com\r\n");
        assert_said(&server, "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n");
        assert_said(&server, "Message-ID: <1@example.com>\r\n");
        assert_said(&server, "X-Delivery: 7  Bcc: b@example.com\r\n");
        assert_said(&server, "multipart/mixed");
        assert_said(&server, "multipart/alternative");
        assert_said(&server, "\r\none\r\n..\r\ntwo\r\n"); /* a lone dot does not end the mail */
        assert_said(&server, "filename=\"log.txt\"");
        assert_said(&server, "\r\naGVsbG8=\r\n");
        assert_null(strstr(server.said.data, "\nBcc:"));
        text_clear(&server.said);
}

static ErrorKind refusal(const char *command, const char *answer, const char *word) {
        MailServer server = { .replies = { { command, answer } } };
        CLEANUP(error_free) Error *why = NULL;

        start(&server);
        assert_false(send_to(&server, SMTP_TLS_NONE, &plain, &why));
        stop(&server);
        text_clear(&server.said);
        if (!strstr(error_message(why), word))
                fail_msg("'%s' is not in: %s", word, error_message(why));
        return error_kind(why);
}

static void a_refusal_for_good_is_told_from_one_for_now(void **state) {
        (void) state;
        assert_int_equal(refusal("RCPT", "550 no such user", "no such user"), ERROR_INVALID);
        assert_int_equal(refusal("RCPT", "450 grey listed", "grey listed"), ERROR_UNAVAILABLE);
        assert_int_equal(refusal("MAIL", "553 not you", "not you"), ERROR_INVALID);
        assert_int_equal(refusal(".\r\n", "554 looks like spam", "looks like spam"), ERROR_INVALID);
        assert_int_equal(refusal(".\r\n", "452 disk full", "disk full"), ERROR_UNAVAILABLE);
        assert_int_equal(refusal("MAIL", "530 5.7.0 say STARTTLS first", "STARTTLS"), ERROR_FORBIDDEN);
}

static void a_server_that_is_not_well_is_tried_again(void **state) {
        MailServer server = { .greeting = "554 not today" };
        CLEANUP(error_free) Error *why = NULL, *nobody = NULL;

        (void) state;
        start(&server);
        assert_false(send_to(&server, SMTP_TLS_NONE, &plain, &why));
        assert_int_equal(error_kind(why), ERROR_UNAVAILABLE);
        shutdown(server.listener, SHUT_RDWR);
        pthread_join(server.thread, NULL);
        close(server.listener);
        assert_false(send_to(&server, SMTP_TLS_NONE, &plain, &nobody));
        assert_int_equal(error_kind(nobody), ERROR_UNAVAILABLE);
        free(server.url);
        text_clear(&server.said);
}

static void nothing_goes_in_the_clear_when_tls_is_required(void **state) {
        MailServer server = { 0 }, other = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        (void) state;
        start(&server);
        assert_false(send_to(&server, SMTP_TLS_REQUIRED, &plain, &why));
        assert_int_equal(error_kind(why), ERROR_UNAVAILABLE);
        stop(&server);
        assert_null(strstr(server.said.data, "MAIL"));
        text_clear(&server.said);
        start(&other);
        assert_ok(send_to(&other, SMTP_TLS_OPPORTUNISTIC, &plain, err));
        stop(&other);
        assert_said(&other, "MAIL");
        text_clear(&other.said);
}

static void a_silent_server_costs_its_time_and_no_more(void **state) {
        MailServer server = { .replies = { { "EHLO", NULL } } };
        CLEANUP(error_free) Error *why = NULL;
        SmtpMessage message = plain;

        (void) state;
        start(&server);
        message.timeout_ms = 200;
        assert_false(send_to(&server, SMTP_TLS_NONE, &message, &why));
        assert_int_equal(error_kind(why), ERROR_TIMEOUT);
        stop(&server);
        text_clear(&server.said);
}

static bool yes(void *context) {
        (void) context;
        return true;
}

static void a_mail_can_be_cancelled(void **state) {
        MailServer server = { .replies = { { "EHLO", NULL } } };
        SmtpMessage message = plain;

        (void) state;
        start(&server);
        message.cancelled = yes;
        assert_fails(ERROR_CANCELLED, "mail: cancelled", send_to(&server, SMTP_TLS_NONE, &message, err));
        stop(&server);
        text_clear(&server.said);
}

static void an_address_that_is_none_never_reaches_the_server(void **state) {
        MailServer server = { .url = (char *) "smtp://127.0.0.1:1" };
        SmtpMessage message = plain;

        (void) state;
        message.to = "a@b>\r\nRCPT TO:<c@d";
        assert_fails(
                ERROR_INVALID, "'a@b>\r\nRCPT TO:<c@d' is no mail address",
                send_to(&server, SMTP_TLS_NONE, &message, err));
        message.to = "a@b";
        message.from = "nobody";
        assert_fails(
                ERROR_INVALID, "'nobody' is no mail address", send_to(&server, SMTP_TLS_NONE, &message, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_mail_has_text_html_and_an_attachment),
                cmocka_unit_test(a_refusal_for_good_is_told_from_one_for_now),
                cmocka_unit_test(a_server_that_is_not_well_is_tried_again),
                cmocka_unit_test(nothing_goes_in_the_clear_when_tls_is_required),
                cmocka_unit_test(a_silent_server_costs_its_time_and_no_more),
                cmocka_unit_test(a_mail_can_be_cancelled),
                cmocka_unit_test(an_address_that_is_none_never_reaches_the_server),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
