/* Allocation that never returns NULL: out of memory aborts, and systemd restarts us.
 * Sizes that come from outside are bounded before they reach these functions. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xvasprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0), returns_nonnull));
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
void *xrealloc(void *pointer, size_t size) __attribute__((returns_nonnull));
void *xmemdup(const void *bytes, size_t length)
        __attribute__((returns_nonnull)); /* one NUL byte is put after it */
char *xstrndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
