/* URLs: percent-encoding, queries and forms, and taking an absolute URL apart. Pure functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Encodes all but the unreserved characters A-Z a-z 0-9 - . _ ~ (and those in `keep`, may be NULL); a blank
 * is %20, never '+'. Caller frees. */
char *url_encode(const char *string, const char *keep);
char *url_encode_bytes(const void *bytes, size_t length, const char *keep);
void url_append_encoded(Text *text, const void *bytes, size_t length, const char *keep);

/* Decodes %XX ('+' stays itself); a broken escape is kept as it stands. Caller frees. ret_length may be NULL.
 */
char *url_decode(const char *string, size_t length, size_t *ret_length);

/* Appends name=value, both encoded, with '&' in front unless text is empty or ends in '?' or '&': for queries
 * and for form bodies. */
void url_append_parameter(Text *text, const char *name, const char *value);

typedef struct Url {
        char *scheme;    /* lower case */
        char *host;      /* lower case; an IPv6 address without its brackets */
        int port;        /* as written, else the scheme's own */
        char *authority; /* as it goes into the Host header: host, and the port when it is not the scheme's
                            own */
        char *path;      /* begins with '/', as written */
        char *query;     /* without '?'; NULL: none */
} Url;

/* http and https only; user names, fragments, control characters and blanks are refused. */
bool url_parse(const char *string, Url *ret, Error **err);
void url_clear(Url *url);
static inline void url_clearp(Url *url) {
        url_clear(url);
}
