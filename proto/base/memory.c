#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *pointer) {
        if (!pointer)
                abort();
        return pointer;
}

void *xcalloc(size_t count, size_t size) {
        return or_abort(calloc(count ? count : 1, size));
}

char *xstrdup(const char *text) {
        return or_abort(strdup(text));
}

char *xvasprintf(const char *format, va_list args) {
        char *text = NULL;

        if (vasprintf(&text, format, args) < 0)
                abort();
        return text;
}

char *xasprintf(const char *format, ...) {
        va_list args;

        va_start(args, format);
        char *text = xvasprintf(format, args);
        va_end(args);
        return text;
}

void *xrealloc(void *pointer, size_t size) {
        return or_abort(realloc(pointer, size ? size : 1));
}

void *xmemdup(const void *bytes, size_t length) {
        char *copy = xcalloc(length + 1, 1);

        if (length)
                memcpy(copy, bytes, length);
        return copy;
}

char *xstrndup(const char *text, size_t length) {
        return or_abort(strndup(text, length));
}
