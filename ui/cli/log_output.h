/* Where a command writes the log that it shows: LOG_OPTIONS of the command line. */
#pragma once

#include "cli_command.h"
#include "log_sink.h"

#define LOG_OPTIONS                                                                                          \
        { "output", 'o', "FILE", "Also write the log to FILE" }, {                                           \
                "no-color", 0, NULL, "Take the colours out of the log"                                       \
        }

typedef struct LogOutput {
        LogSinks sinks;
        const char *path; /* NULL: to standard output only */
} LogOutput;

/* Makes the file of --output. */
bool log_output_open(const CliContext *context, const Arguments *arguments, LogOutput *ret, Error **err);
/* ok: whether all was written so far; what it returns is that and that the file is whole. */
bool log_output_close(LogOutput *output, bool ok, Error **err);
