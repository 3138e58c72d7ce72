#include "backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/data_files.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/store_copy.h"

enum { MODE_BITS = 07777, DATABASE_PASSES = 3, FILE_PASSES = 2 }; /* copied, put in, proved */

typedef struct Backup {
        const BackupSpec *spec;
        char *folder, *target;    /* where the archive goes, whole names */
        char *partial, *database; /* what is there meanwhile */
        uint64_t done, total;     /* bytes read or written */
        int64_t schema;
} Backup;

void backup_result_clear(BackupResult *result) {
        free(result->path);
        archive_facts_clear(&result->facts);
        string_list_clear(&result->left);
        *result = (BackupResult){ 0 };
}

static void backup_clearp(Backup *backup) {
        if (backup->partial)
                (void) unlink(backup->partial);
        if (backup->database)
                (void) unlink(backup->database);
        free(backup->folder);
        free(backup->target);
        free(backup->partial);
        free(backup->database);
}

static void tell(void *context, uint64_t bytes) {
        Backup *backup = context;

        backup->done += bytes;
        if (backup->spec->progress)
                backup->spec->progress(
                        backup->spec->context, backup->done < backup->total ? backup->done : backup->total,
                        backup->total);
}

static bool is_folder(const char *path) {
        struct stat facts;

        return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* Whether a is b or below it; both exist. */
static bool is_inside(const char *a, const char *b) {
        CLEANUP(free) char *inner = realpath(a, NULL);
        CLEANUP(free) char *outer = realpath(b, NULL);
        size_t length = outer ? strlen(outer) : 0;

        return inner && outer && strncmp(inner, outer, length) == 0 &&
               (inner[length] == '/' || inner[length] == '\0');
}

static bool choose_names(Backup *backup, Error **err) {
        const char *target = backup->spec->target, *slash = strrchr(target, '/');
        CLEANUP(free) char *random = crypto_random_hex(4);

        if (is_folder(target)) {
                CLEANUP(free) char *stamp = clock_format(clock_now_us(), "%Y%m%dT%H%M%SZ");
                backup->folder = xstrdup(target);
                backup->target = xasprintf("%s/ghost-%s.tar", target, stamp);
        } else {
                backup->folder = !slash            ? xstrdup(".")
                                 : slash == target ? xstrdup("/")
                                                   : xstrndup(target, (size_t) (slash - target));
                backup->target = xstrdup(target);
        }
        if (!is_folder(backup->folder))
                return error_set(err, ERROR_NOT_FOUND, "there is no folder %s", backup->folder);
        if (is_inside(backup->folder, backup->spec->data_dir))
                return error_set(
                        err, ERROR_INVALID,
                        "%s is in the data folder %s: a backup goes elsewhere, best to another machine",
                        backup->target, backup->spec->data_dir);
        backup->partial = xasprintf("%s.%s.partial", backup->target, random);
        backup->database = xasprintf("%s.%s.db.partial", backup->target, random);
        return true;
}

static bool copy_database(Backup *backup, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", backup->spec->data_dir, BACKUP_DATABASE);
        CLEANUP(store_facts_clear) StoreFacts facts = { 0 };
        const StoreCopySpec copy = {
                .from = path, .to = backup->database, .progress = tell, .context = backup
        };

        if (!store_copy(&copy, err) || !store_examine(backup->database, true, &facts, err))
                return error_prefix(err, "the database");
        if (facts.damage)
                return error_set(
                        err, ERROR_CONFLICT,
                        "the database is damaged (%s): keep it and restore the last good backup",
                        facts.damage);
        backup->schema = facts.schema;
        return true;
}

/* *ret_gone: it is not there any more. */
static bool add(ArchiveWriter *writer, const char *path, const char *name, bool *ret_gone, Error **err) {
        CLEANUP(file_close) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
        struct stat facts;

        *ret_gone = fd < 0 && errno == ENOENT;
        if (*ret_gone)
                return true;
        if (fd < 0 || fstat(fd, &facts) < 0)
                return error_set(err, ERROR_FORBIDDEN, "read %s: %m", path);
        return archive_writer_add(
                writer, name, fd, (uint64_t) facts.st_size, (unsigned) facts.st_mode & MODE_BITS, err);
}

static bool add_files(const Backup *backup, ArchiveWriter *writer, const DataFiles *files, Error **err) {
        bool gone = false;

        for (size_t i = 0; i < files->paths.count; i++) {
                CLEANUP(free) char *path = xasprintf("%s/%s", backup->spec->data_dir, files->paths.items[i]);
                CLEANUP(free) char *name = xasprintf("%s%s", BACKUP_DATA, files->paths.items[i]);

                if (!add(writer, path, name, &gone, err))
                        return false;
        }
        return true;
}

static bool write_archive(Backup *backup, const DataFiles *files, Error **err) {
        const ArchiveProgress progress = { .tell = tell, .context = backup };
        CLEANUP(archive_writer_free)
        ArchiveWriter *writer = archive_writer_new(backup->partial, &progress, err);
        CLEANUP(free) char *made = clock_format_iso(clock_now_us());
        const ArchiveFacts facts = { .version = (char *) GHOST_VERSION,
                                     .made = made,
                                     .schema = backup->schema,
                                     .without_packages = backup->spec->without_packages };
        bool gone = false;

        return writer && add(writer, backup->database, BACKUP_DATA BACKUP_DATABASE, &gone, err) &&
               (!backup->spec->settings_file ||
                add(writer, backup->spec->settings_file, BACKUP_SETTINGS, &gone, err)) &&
               add_files(backup, writer, files, err) && archive_writer_finish(writer, &facts, err);
}

static uint64_t size_of(const char *path) {
        struct stat facts;

        return stat(path, &facts) == 0 ? (uint64_t) facts.st_size : 0;
}

static bool keep(Backup *backup, Error **err) {
        if (rename(backup->partial, backup->target) < 0)
                return error_set(err, ERROR_FORBIDDEN, "make %s: %m", backup->target);
        return file_sync_folder(backup->folder, err);
}

bool backup_make(const BackupSpec *spec, BackupResult *ret, Error **err) {
        CLEANUP(backup_clear) Backup backup = { .spec = spec };
        CLEANUP(data_files_clear) DataFiles files = { 0 };
        CLEANUP(free) char *database = xasprintf("%s/%s", spec->data_dir, BACKUP_DATABASE);
        const ArchiveProgress progress = { .tell = tell, .context = &backup };

        if (!file_exists(database))
                return error_set(err, ERROR_NOT_FOUND, "there is no database at %s", database);
        if (!choose_names(&backup, err) ||
            !data_files_list(spec->data_dir, spec->without_packages, &files, err))
                return false;
        backup.total = DATABASE_PASSES * size_of(database) + FILE_PASSES * files.bytes;
        /* The files are listed anew after the database: what it names is there by then. */
        if (!copy_database(&backup, err) ||
            !data_files_list(spec->data_dir, spec->without_packages, &files, err) ||
            !write_archive(&backup, &files, err) ||
            !archive_read(backup.partial, NULL, &progress, &ret->facts, err) || !keep(&backup, err))
                return false;
        ret->path = TAKE(backup.target);
        ret->archive_bytes = size_of(ret->path);
        ret->left = files.left;
        files.left = (StringList){ 0 };
        return true;
}
