/* One signed HTTP request with all its attempts, of whatever protocol: the only place that signs, sends,
 * retries and understands errors.
 *
 * Throttled and transient failures are retried with full jitter, inside the session's deadline; expired
 * credentials and a wrong clock are put right once. So every request must be safe to send twice: by a client
 * token, a name, or its nature. */
#pragma once

#include "aws/aws.h"
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "net/http_client.h"

typedef struct SignedRequest {
        const AwsService *service;
        const char *action; /* in messages */
        const char *region;
        const Endpoint *endpoint;
        const char *method;
        const char *query;          /* encoded, without '?'; NULL: none */
        const char *const *headers; /* NULL-terminated; Host and the signature are added */
        const char *body;           /* NULL: none */
        const char *body_file;      /* instead of body */
        uint64_t body_length;
        const char *payload_hash; /* NULL: of the body; needed with body_file */
        SigV4Path path_style;
        size_t max_body_bytes; /* of the answer; 0: XML_MAX_BYTES */
        bool is_long;          /* much is sent or received: ended when nothing moves, not after a minute */

        void (*begin)(void *context); /* before each attempt; NULL: nothing to do */
        /* A good answer's body as it comes; false stops it, accept says why. NULL: it is collected. */
        bool (*on_body)(void *context, const char *bytes, size_t length);
        /* Judges a 2xx answer: NONE takes it, THROTTLED or TRANSIENT sends the request again. NULL: all are
         * good. */
        AwsErrorClass (*accept)(void *context, const HttpResponse *response, Error **err);
        void *context;
} SignedRequest;

/* On failure session->failure says of what class and *ret holds the last answer, if one came; the message
 * reads "RunInstances: <code>: <text> (request <id>)". The caller clears *ret in any case. */
bool signed_request_send(AwsSession *session, const SignedRequest *request, HttpResponse *ret, Error **err);

/* The region the session works in, or false: none is configured. */
bool session_region(AwsSession *session, const char *action, const char **ret, Error **err);
/* The keys that sign for the session in that region; NULL in *ret where nothing is signed. */
bool session_credentials(
        AwsSession *session, const char *action, const char *region, Credentials **ret, Error **err);
/* The clock by which the service, seen from this session, signs. */
int64_t session_clock_us(const AwsSession *session, const AwsService *service, const char *region);
EndpointSources session_endpoints(const AwsSession *session);

/* What the error document of a failed answer says, on one line. */
typedef struct AnswerError {
        char *code, *text, *request_id, *region;
} AnswerError;
void answer_error_read(const HttpResponse *response, AnswerError *ret);
void answer_error_clear(AnswerError *error);
static inline void answer_error_clearp(AnswerError *error) {
        answer_error_clear(error);
}
