#include "log_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool log_output_open(const CliContext *context, const Arguments *arguments, LogOutput *ret, Error **err) {
        const char *path = arguments_value(arguments, "output");
        FILE *file = path ? fopen(path, "we") : NULL;
        bool plain = arguments_given(arguments, "no-color");

        if (path && !file)
                return error_set(err, ERROR_INVALID, "open '%s': %s", path, strerror(errno));
        *ret = (LogOutput){
                .sinks = { { { .out = stdout, .keep_colour = !plain && context->colour },
                             { .out = file, .keep_colour = !plain } } },
                .path = path,
        };
        return true;
}

bool log_output_close(LogOutput *output, bool ok, Error **err) {
        FILE *file = output->sinks.sinks[1].out;

        if (!file)
                return ok;
        bool broken = ferror(file) != 0; /* the disk was full in the middle of it */
        bool closed = fclose(file) == 0;
        if (!ok || (closed && !broken))
                return ok;
        return error_set(
                err, ERROR_UNAVAILABLE, "write '%s': %s", output->path,
                broken ? "it does not hold the whole log" : strerror(errno));
}
