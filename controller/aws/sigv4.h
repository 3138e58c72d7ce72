/* AWS Signature Version 4: from a request, credentials and a time to the headers or the query that prove it.
 * Pure functions; the caller sends exactly what was signed. */
#pragma once

#include "aws/credentials.h"
#include "base/text.h"

typedef enum SigV4Path {
        SIGV4_PATH_NORMALISED, /* "." and ".." and "//" removed, then encoded: everything but S3 */
        SIGV4_PATH_AS_SENT,    /* S3: already encoded once */
} SigV4Path;

typedef struct SigV4Request {
        const char *method;
        const char *path;
        const char *query;          /* without '?'; NULL: none */
        const char *const *headers; /* "Name: value", NULL-terminated, Host included; all are signed, but
                                     * those that proxies and clients change on their way */
        const char *body;
        size_t body_length;
        const char *payload_hash; /* NULL: of the body; else as given, e.g. "UNSIGNED-PAYLOAD" */
        SigV4Path path_style;

        const char *region;
        const char *service; /* its signing name */
        const Credentials *credentials;
        int64_t time_us;
} SigV4Request;

/* Adds X-Amz-Date, with a session X-Amz-Security-Token, and Authorization. */
void sigv4_sign(const SigV4Request *request, StringList *ret_headers);

/* The whole query of a URL that works for expires_s seconds: the request's own parameters, then X-Amz-*. It
 * is a secret. Caller frees. */
char *sigv4_presign(const SigV4Request *request, int64_t expires_s);

/* The two steps in between, to be compared with published vectors; headers must hold X-Amz-Date already. */
char *sigv4_canonical_request(const SigV4Request *request, char **ret_signed_headers);
char *sigv4_string_to_sign(const SigV4Request *request, const char *canonical_request);
