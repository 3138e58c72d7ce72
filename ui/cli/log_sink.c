#include "log_sink.h"

/* Leaves out ESC [ … letter, across pieces. */
static void write_plain(LogSink *sink, const char *bytes, size_t length) {
        for (size_t i = 0; i < length; i++) {
                if (sink->in_escape)
                        sink->in_escape = !((bytes[i] >= '@' && bytes[i] <= '~') && bytes[i] != '[');
                else if (bytes[i] == '\033')
                        sink->in_escape = true;
                else
                        (void) fputc(bytes[i], sink->out);
        }
}

void log_sinks_write(LogSinks *sinks, const char *bytes, size_t length) {
        for (int i = 0; i < LOG_SINKS; i++) {
                LogSink *sink = &sinks->sinks[i];

                if (!sink->out)
                        continue;
                if (sink->keep_colour)
                        (void) fwrite(bytes, 1, length, sink->out);
                else
                        write_plain(sink, bytes, length);
                (void) fflush(sink->out);
        }
}
