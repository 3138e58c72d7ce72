/* Restore: a data folder from a backup. Everything is proved before anything is changed, and written beside
 * the folder before it takes its place. */
#pragma once

#include "backup/archive.h"

typedef struct RestoreSpec {
        const char *archive;
        const char *data_dir;
        bool force; /* what is in the folder is moved aside; otherwise it has to be empty */
        void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
        void *context;
} RestoreSpec;

typedef struct RestoreResult {
        ArchiveFacts facts;
        char *former;      /* where the folder before is now; NULL: there was none */
        char *settings;    /* where the settings of the backup are; NULL: it has none */
        int64_t open_jobs; /* were queued or running: the controller takes them up */
} RestoreResult;
void restore_result_clear(RestoreResult *result);
static inline void restore_result_clearp(RestoreResult *result) {
        restore_result_clear(result);
}

/* CONFLICT: a controller runs there, the folder is not empty, or the backup is of a newer Ghost. */
bool restore_run(const RestoreSpec *spec, RestoreResult *ret, Error **err);
