/* The program's own log: lines on stderr with a <N> priority prefix that journald understands (left out on
 * a terminal). Log once, at the top of a thread; libraries return errors. Thread-safe. */
#pragma once

#include "base/error.h"

typedef enum LogLevel {
        LOG_LEVEL_ERROR,
        LOG_LEVEL_WARN,
        LOG_LEVEL_INFO,
        LOG_LEVEL_DEBUG,
        LOG_LEVEL_COUNT
} LogLevel;

/* Set once in main before threads start. */
void log_set_level(LogLevel level);
bool log_level_from_word(const char *word, LogLevel *ret);

void log_write(LogLevel level, const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __FILE__, __LINE__, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __FILE__, __LINE__, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __FILE__, __LINE__, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __FILE__, __LINE__, __VA_ARGS__)

/* Adds key=value to every line this thread logs until the scope ends: LOG_SCOPE("job", job->id);
 * value is copied. */
typedef struct LogScope {
        struct LogScope *outer;
        const char *key;
        char value[64];
} LogScope;
void log_scope_enter(LogScope *scope, const char *key, const char *value);
void log_scope_leave(LogScope *scope);
#define LOG_SCOPE_NAME2(line) _log_scope_##line
#define LOG_SCOPE_NAME(line) LOG_SCOPE_NAME2(line)
#define LOG_SCOPE(key, value)                                                                                \
        __attribute__((cleanup(log_scope_leave))) LogScope LOG_SCOPE_NAME(__LINE__);                         \
        log_scope_enter(&LOG_SCOPE_NAME(__LINE__), key, value)
