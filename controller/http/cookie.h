/* Cookies as a request brings them (RFC 6265, section 4.2.1). */
#pragma once

/* The value of the first cookie of that name in a Cookie header; NULL when there is none, or the header is
 * NULL. Names count in their case. Caller frees. */
char *cookie_find(const char *header, const char *name);
