#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"

static const char *const level_words[] = {
        [LOG_LEVEL_ERROR] = "error",
        [LOG_LEVEL_WARN] = "warn",
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_DEBUG] = "debug",
};
static const Names level_names = NAMES(level_words);
static const int priorities[] = { 3, 4, 6, 7 }; /* sd-daemon(3) */

static _Atomic int threshold = LOG_LEVEL_INFO;
static _Thread_local LogScope *innermost;

void log_set_level(LogLevel level) {
        atomic_store(&threshold, (int) level);
}

bool log_level_from_word(const char *word, LogLevel *ret) {
        int value;

        if (!names_value(&level_names, word, &value))
                return false;
        *ret = (LogLevel) value;
        return true;
}

static void append_scopes(Text *line, const LogScope *scope) {
        if (!scope)
                return;
        append_scopes(line, scope->outer);
        text_appendf(line, " %s=%s", scope->key, scope->value);
}

/* One event, one line: what comes from outside cannot forge another. */
static void flatten(char *bytes, size_t length) {
        for (size_t i = 0; i < length; i++)
                if ((unsigned char) bytes[i] < ' ' || bytes[i] == 0x7f)
                        bytes[i] = ' ';
}

static void append_prefix(Text *line, LogLevel level, const char *file, int number) {
        if (isatty(STDERR_FILENO)) {
                CLEANUP(free) char *time = clock_format(clock_now_us(), "%H:%M:%S");

                text_appendf(line, "%s %-5s ", time, names_word(&level_names, level));
        } else {
                text_appendf(line, "<%d>", priorities[level]);
        }
        text_appendf(line, "%s:%d: ", file, number);
}

static void emit(const Text *line) {
        size_t done = 0;

        while (done < line->length) {
                ssize_t count = write(STDERR_FILENO, line->data + done, line->length - done);

                if (count < 0 && errno == EINTR)
                        continue;
                if (count <= 0)
                        return; /* nowhere left to complain */
                done += (size_t) count;
        }
}

void log_write(LogLevel level, const char *file, int line, const char *format, ...) {
        CLEANUP(text_clear) Text text = { 0 };
        int code = errno; /* the caller's, also for a %m in the format */
        va_list args;

        if ((int) level > atomic_load(&threshold))
                return;

        append_prefix(&text, level, file, line);
        errno = code;
        va_start(args, format);
        CLEANUP(free) char *message = xvasprintf(format, args);
        va_end(args);
        text_append(&text, message);
        append_scopes(&text, innermost);
        flatten(text.data, text.length);
        text_append(&text, "\n");
        emit(&text); /* one write: lines of several threads do not mix */
        errno = code;
}

void log_scope_enter(LogScope *scope, const char *key, const char *value) {
        scope->outer = innermost;
        scope->key = key;
        (void) snprintf(scope->value, sizeof(scope->value), "%s", value ? value : "");
        innermost = scope;
}

void log_scope_leave(LogScope *scope) {
        innermost = scope->outer;
}
