/* What a call of AWS's query protocol sent: the parameters of a form body. For a scripted AWS. */
#pragma once

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define SENT __attribute__((unused)) static

SENT int hex_digit(char c) {
        return isdigit((unsigned char) c) ? c - '0' : toupper((unsigned char) c) - 'A' + 10;
}

/* "" when it was not sent; until sixteen calls of the thread later. */
SENT const char *sent(const char *request, const char *name) {
        static _Thread_local char values[16][30000];
        static _Thread_local int next;
        const char *body = strstr(request, "\r\n\r\n");
        char *value = values[next++ % 16], *end = value;
        size_t length = strlen(name);

        *value = '\0';
        for (const char *at = body ? body + 4 : ""; *at; at += strcspn(at, "&"), at += *at == '&') {
                if (strncmp(at, name, length) != 0 || at[length] != '=')
                        continue;
                for (at += length + 1; *at && *at != '&'; at++)
                        if (*at == '%') {
                                *end++ = (char) (hex_digit(at[1]) * 16 + hex_digit(at[2]));
                                at += 2;
                        } else
                                *end++ = *at == '+' ? ' ' : *at;
                *end = '\0';
                return value;
        }
        return value;
}

/* Otherwise: when it was not sent. */
SENT int sent_number(const char *request, const char *name, int otherwise) {
        const char *value = sent(request, name);

        return *value ? (int) strtol(value, NULL, 10) : otherwise;
}

/* The parameter of that pattern with the number in place of its "%d". */
SENT const char *sent_at(const char *request, const char *pattern, int number) {
        const char *hole = strstr(pattern, "%d");
        CLEANUP(free)
        char *name = xasprintf("%.*s%d%s", (int) (hole - pattern), pattern, number, hole + 2);

        return sent(request, name);
}

#undef SENT
