/* One client's place in the log of a job, and what comes next there, as the events that it takes. */
#pragma once

#include <stdint.h>

#include "base/error.h"

typedef enum LogTailMode { LOG_TAIL_HTML, LOG_TAIL_RAW } LogTailMode;

typedef struct LogTail LogTail;
/* path is taken. NOT_FOUND when there is no log yet. */
LogTail *log_tail_open(char *path, uint64_t offset, LogTailMode mode, Error **err);
void log_tail_free(LogTail *tail);
CLEANUP_DEFINE(LogTail, log_tail_free);

/* The next whole lines as a packet of Socket.IO; NULL: none now. Caller frees. */
char *log_tail_next(LogTail *tail);

/* What a client is told instead. Caller frees. */
char *log_tail_error(LogTailMode mode, const char *sentence);
