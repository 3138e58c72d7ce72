/* Header lines of mails (RFC 5322, RFC 2047). Whatever a value holds, it stays one header: what could start
 * another line becomes a blank. Pure functions. */
#pragma once

#include <stdbool.h>

/* "Name: value", folded, other than ASCII as encoded words, cut off when it is very long. Caller frees. */
char *mail_header(const char *name, const char *value);

/* One bare address, "a@example.com", that can stand in an envelope and in <>. ASCII only. */
bool mail_address_valid(const char *address);
