/* Where a log goes: standard output and a file, each with its colours or without. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { LOG_SINKS = 2 };

typedef struct LogSink {
        FILE *out;        /* NULL: none */
        bool keep_colour; /* else ANSI colours are taken out */
        bool in_escape;   /* its own: in the middle of a sequence */
} LogSink;

typedef struct LogSinks {
        LogSink sinks[LOG_SINKS];
} LogSinks;

/* Sequences may be cut anywhere between two pieces. */
void log_sinks_write(LogSinks *sinks, const char *bytes, size_t length);
