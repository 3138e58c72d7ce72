#include "http/framing.h"

#include <string.h>
#include <strings.h>

static size_t count(const Pairs *headers, const char *name) {
        size_t found = 0;

        for (size_t i = 0; i < headers->count; i++)
                found += strcasecmp(headers->items[i].name, name) == 0;
        return found;
}

static bool names_are_words(const Pairs *headers) {
        for (size_t i = 0; i < headers->count; i++)
                for (const char *c = headers->items[i].name; *c; c++)
                        if ((unsigned char) *c <= ' ' || *c == 0x7f)
                                return false;
        return true;
}

bool framing_check(const Pairs *headers, const char *version, Error **err) {
        const char *encoding = pairs_find_any_case(headers, "Transfer-Encoding");
        size_t lengths = count(headers, "Content-Length"), hosts = count(headers, "Host");

        if (!names_are_words(headers))
                return error_set(err, ERROR_INVALID, "a header's name holds a blank");
        if (lengths > 1 || (lengths > 0 && encoding))
                return error_set(err, ERROR_INVALID, "the length of the body is given twice");
        if (encoding && (count(headers, "Transfer-Encoding") > 1 || strcasecmp(encoding, "chunked") != 0))
                return error_set(err, ERROR_INVALID, "a Transfer-Encoding other than chunked");
        if (hosts > 1 || (hosts == 0 && strcmp(version, "HTTP/1.1") == 0))
                return error_set(err, ERROR_INVALID, "one Host header is needed");
        return true;
}
