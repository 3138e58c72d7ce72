/* Backup: everything the controller keeps, in one archive, taken while it runs: the database as it is at one
 * moment, then the files it may name (keys, logs, packages), which are only ever added to. */
#pragma once

#include "backup/archive.h"
#include "base/text.h"

#define BACKUP_DATABASE "ghost.db"
/* Names in the archive: the settings file, and the folder that all of the data folder is below. */
#define BACKUP_SETTINGS "settings/controller.conf"
#define BACKUP_DATA "data/"

typedef struct BackupSpec {
        const char *data_dir;
        const char *settings_file; /* NULL: none */
        const char *target;        /* a file, or a folder in which the archive gets a name with the time */
        bool without_packages;
        void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
        void *context;
} BackupSpec;

typedef struct BackupResult {
        char *path;
        ArchiveFacts facts;
        uint64_t archive_bytes;
        StringList left; /* in the data folder, and neither file nor folder */
} BackupResult;
void backup_result_clear(BackupResult *result);
static inline void backup_result_clearp(BackupResult *result) {
        backup_result_clear(result);
}

/* The archive is read again and proved before it gets its name. Whatever fails leaves nothing; a death leaves
 * a file that ends in ".partial". */
bool backup_make(const BackupSpec *spec, BackupResult *ret, Error **err);
