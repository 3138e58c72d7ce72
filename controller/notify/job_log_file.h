/* A job's log as news carry it: its last lines, or the file itself as an attachment. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
        LOG_ATTACHED_PLAIN = 512000,         /* longer is compressed */
        LOG_ATTACHED_MAX = 20 * 1024 * 1024, /* of a longer one only the end */
};

typedef struct LogAttachment {
        char *name; /* "<job id>.txt", "<job id>.txt.gz"; NULL: there is no log */
        const char *type;
        void *bytes;
        size_t length;
        uint64_t left_out; /* bytes before what is attached */
} LogAttachment;
void log_attachment_clear(LogAttachment *attachment);
static inline void log_attachment_clearp(LogAttachment *attachment) {
        log_attachment_clear(attachment);
}

bool log_attachment_read(const char *logs_folder, const char *job_id, LogAttachment *ret, Error **err);

/* The last lines, without colours, each cut at a sane length; "" when there is no log. Caller frees. */
char *log_last_lines(const char *logs_folder, const char *job_id, unsigned count);
