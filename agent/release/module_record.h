/* What the agent remembers about one module, in a small file beside its releases: which release the link
 * points to, which are on disk, and, while a deploy runs, what it intends and what was there before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

typedef struct ModuleRecord {
        char *current; /* manifest hash of the release the link points to; NULL: none */
        char *path;    /* where the link is, as the manifest says; NULL: none */
        int64_t switched_us;
        StringList releases; /* on disk, the one used longest ago first */
        char *intent;        /* manifest hash of the release being deployed; NULL: none */
        char *task;          /* id of the task that made the current release current; NULL: none */
} ModuleRecord;

/* No file: an empty record. */
bool module_record_read(const char *file, ModuleRecord *ret, Error **err);
bool module_record_write(const char *file, const ModuleRecord *record, Error **err);
void module_record_clear(ModuleRecord *record);
static inline void module_record_clearp(ModuleRecord *record) {
        module_record_clear(record);
}

/* Makes it the release used last. */
void module_record_use(ModuleRecord *record, const char *manifest_sha256);
void module_record_forget(ModuleRecord *record, const char *manifest_sha256);
