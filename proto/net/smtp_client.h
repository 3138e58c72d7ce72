/* SMTP client: hands one mail to a mail server. A client keeps its connection between mails and serves one
 * thread at a time. Calls block; everything is bounded in time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"

typedef enum SmtpTls {
        SMTP_TLS_REQUIRED,      /* nothing is sent in the clear */
        SMTP_TLS_OPPORTUNISTIC, /* when the server offers it; its certificate must be good then too */
        SMTP_TLS_NONE,
        SMTP_TLS_COUNT
} SmtpTls;
extern const Names smtp_tls_names; /* required opportunistic none */

typedef struct SmtpClientOptions {
        const char *server;          /* smtp://host:587 (STARTTLS by .tls), smtps://host (TLS at once) */
        const char *user, *password; /* NULL: no login */
        const char *ca_file;         /* PEM with the authorities to trust; NULL: the system's */
        SmtpTls tls;
} SmtpClientOptions;

typedef struct SmtpAttachment {
        const char *name, *type; /* "x.txt.gz", "application/gzip" */
        const void *bytes;
        size_t length;
} SmtpAttachment;

typedef struct SmtpMessage {
        const char *from_name; /* ASCII */
        const char *from, *to; /* bare addresses */
        const char *subject;
        const char *message_id;           /* without <> */
        const char *const (*headers)[2];  /* more: names and values, ends with NULL; may be NULL */
        const char *text, *html;          /* UTF-8, lines end in '\n' */
        const SmtpAttachment *attachment; /* NULL: none */
        int64_t time_us;                  /* Date: */
        int64_t timeout_ms;               /* the whole exchange */
        bool (*cancelled)(void *context); /* asked about once a second; NULL: never */
        void *context;
} SmtpMessage;

typedef struct SmtpClient SmtpClient;

SmtpClient *smtp_client_new(const SmtpClientOptions *options);
void smtp_client_free(SmtpClient *client);
CLEANUP_DEFINE(SmtpClient, smtp_client_free);

/* True: the server has taken the mail. INVALID: this mail will never be taken (an address that is none, or
 * the server said 5xx to it). FORBIDDEN: the login was refused. UNAVAILABLE, TIMEOUT: try again. CANCELLED.
 */
bool smtp_client_send(SmtpClient *client, const SmtpMessage *message, Error **err);
