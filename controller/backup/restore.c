#include "backup/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "backup/data_files.h"
#include "backup/data_folder.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/store_copy.h"
#include "store/store_lock.h"

enum { FOLDER_MODE = 0700, DATA_MODE = 0750, PASSES = 2 };
#define RESTORED_SETTINGS "controller.conf.restored"
#define ROOM_TO_SPARE (16ULL << 20)

typedef struct Restore {
        const RestoreSpec *spec;
        char *data_dir; /* without a slash at its end */
        char *fresh;    /* the new folder, until it takes its place */
        int lock;
        bool any; /* in the folder before */
        struct stat before;
        bool had_folder;
        int fd; /* of the file that is written */
        bool settings;
        uint64_t done, total;
} Restore;

void restore_result_clear(RestoreResult *result) {
        archive_facts_clear(&result->facts);
        free(result->former);
        free(result->settings);
        *result = (RestoreResult){ 0 };
}

static void restore_clearp(Restore *restore) {
        CLEANUP(error_free) Error *ignored = NULL;

        if (restore->fd >= 0)
                close(restore->fd);
        if (restore->fresh)
                (void) file_remove_tree(restore->fresh, &ignored);
        if (restore->lock >= 0)
                close(restore->lock);
        free(restore->fresh);
        free(restore->data_dir);
}

static void tell(void *context, uint64_t bytes) {
        Restore *restore = context;

        restore->done += bytes;
        if (restore->spec->progress && restore->total > 0)
                restore->spec->progress(
                        restore->spec->context,
                        restore->done < restore->total ? restore->done : restore->total, restore->total);
}

/* ---- what has to hold ---- */

/* Holds the lock from here on where there can be somebody to hold it. */
static bool check_folder(Restore *restore, Error **err) {
        CLEANUP(free) char *database = xasprintf("%s/%s", restore->data_dir, BACKUP_DATABASE);

        restore->had_folder = stat(restore->data_dir, &restore->before) == 0;
        if (!data_files_any(restore->data_dir, &restore->any, err))
                return false;
        if (!restore->any)
                return true;
        if (!restore->spec->force)
                return error_set(
                        err, ERROR_CONFLICT,
                        "%s is not empty; stop the controller and give --force to move what is there aside",
                        restore->data_dir);
        restore->lock = store_lock_take(database, err);
        return restore->lock >= 0 || error_prefix(err, "stop it first");
}

static bool check_archive(Restore *restore, ArchiveFacts *ret, Error **err) {
        const ArchiveProgress progress = { .tell = tell, .context = restore };
        struct stat facts;

        if (stat(restore->spec->archive, &facts) == 0)
                restore->total = PASSES * (uint64_t) facts.st_size;
        if (!archive_read(restore->spec->archive, NULL, &progress, ret, err))
                return false;
        int64_t newest = store_schema_known();
        if (ret->schema > newest)
                return error_set(
                        err, ERROR_CONFLICT,
                        "%s is of a newer Ghost (version %s, database %lld; this one knows %lld): install "
                        "that "
                        "version first",
                        restore->spec->archive, ret->version, (long long) ret->schema, (long long) newest);
        return true;
}

/* The folder that the data folder is in. */
static char *parent_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return !slash ? xstrdup(".") : slash == path ? xstrdup("/") : xstrndup(path, (size_t) (slash - path));
}

static bool check_room(const Restore *restore, const ArchiveFacts *facts, Error **err) {
        CLEANUP(free)
        char *parent = data_folder_is_mount(restore->data_dir) ? xstrdup(restore->data_dir)
                                                               : parent_of(restore->data_dir);
        uint64_t room = 0;

        if (!file_make_folders(parent, 0755, err) || !file_free_bytes(parent, &room, err))
                return false;
        return facts->bytes + ROOM_TO_SPARE <= room ||
               error_set(
                       err, ERROR_UNAVAILABLE, "%s has %llu MiB free, and the backup needs %llu", parent,
                       (unsigned long long) room >> 20,
                       (unsigned long long) (facts->bytes + ROOM_TO_SPARE) >> 20);
}

/* ---- writing ---- */

static bool begin_file(void *context, const char *name, uint64_t size, unsigned mode, Error **err) {
        Restore *restore = context;
        bool settings = text_equal(name, BACKUP_SETTINGS);

        (void) size;
        if (!settings && !text_starts_with(name, BACKUP_DATA))
                return error_set(err, ERROR_INVALID, "it holds %s, which belongs nowhere", name);
        const char *inner = settings ? RESTORED_SETTINGS : name + strlen(BACKUP_DATA);
        CLEANUP(free) char *path = xasprintf("%s/%s", restore->fresh, inner);
        CLEANUP(free) char *folder = parent_of(path);
        restore->settings |= settings;
        if (!file_make_folders(folder, FOLDER_MODE, err))
                return false;
        restore->fd = open(
                path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, settings ? 0600 : mode & 0777);
        return restore->fd >= 0 || error_set(err, ERROR_FORBIDDEN, "write %s: %m", path);
}

static bool write_bytes(void *context, const void *bytes, size_t length, Error **err) {
        return file_write_all(((Restore *) context)->fd, bytes, length, err);
}

static bool end_file(void *context, Error **err) {
        Restore *restore = context;
        bool written = fsync(restore->fd) == 0 || error_set(err, ERROR_UNAVAILABLE, "write a file: %m");

        close(restore->fd);
        restore->fd = -1;
        return written;
}

static bool write_folder(Restore *restore, RestoreResult *ret, Error **err) {
        CLEANUP(free) char *database = NULL;
        CLEANUP(store_facts_clear) StoreFacts facts = { 0 };
        const ArchiveProgress progress = { .tell = tell, .context = restore };
        const ArchiveVisitor visitor = {
                .begin = begin_file, .bytes = write_bytes, .end = end_file, .context = restore
        };

        restore->fresh = data_folder_fresh_name(restore->data_dir);
        database = xasprintf("%s/%s", restore->fresh, BACKUP_DATABASE);
        if (mkdir(restore->fresh, restore->had_folder ? restore->before.st_mode & 0777 : DATA_MODE) < 0)
                return error_set(err, ERROR_FORBIDDEN, "make folder %s: %m", restore->fresh);
        if (!archive_read(restore->spec->archive, &visitor, &progress, &ret->facts, err) ||
            !store_examine(database, true, &facts, err))
                return false;
        if (facts.damage || facts.schema != ret->facts.schema)
                return error_set(
                        err, ERROR_INVALID, "%s: the database in it is damaged: %s", restore->spec->archive,
                        facts.damage ? facts.damage : "it is not of the version that its manifest says");
        ret->open_jobs = facts.open_jobs;
        return true;
}

/* ---- taking its place ---- */

/* The file and the folders above it. */
static bool give(const Restore *restore, const char *name, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", restore->fresh, name);
        size_t root = strlen(restore->fresh), length = strlen(path);

        while (length >= root) {
                path[length] = '\0';
                if (lchown(path, restore->before.st_uid, restore->before.st_gid) < 0)
                        return error_set(err, ERROR_FORBIDDEN, "give %s to its owner: %m", path);
                length = (size_t) (strrchr(path, '/') - path);
        }
        return true;
}

/* Root restores for whom the folder belonged to. */
static bool give_files(const Restore *restore, Error **err) {
        CLEANUP(data_files_clear) DataFiles files = { 0 };

        if (geteuid() != 0 || !restore->had_folder || restore->before.st_uid == 0)
                return true;
        if (!data_files_list(restore->fresh, false, &files, err) || !give(restore, BACKUP_DATABASE, err) ||
            (restore->settings && !give(restore, RESTORED_SETTINGS, err)))
                return false;
        for (size_t i = 0; i < files.paths.count; i++)
                if (!give(restore, files.paths.items[i], err))
                        return false;
        return true;
}

static bool swap(Restore *restore, RestoreResult *ret, Error **err) {
        if (!data_folder_swap(restore->data_dir, restore->fresh, restore->any, &ret->former, err))
                return false;
        free(restore->fresh);
        restore->fresh = NULL;
        return true;
}

bool restore_run(const RestoreSpec *spec, RestoreResult *ret, Error **err) {
        CLEANUP(restore_clear) Restore restore = { .spec = spec, .lock = -1, .fd = -1 };
        size_t length = strlen(spec->data_dir);

        while (length > 1 && spec->data_dir[length - 1] == '/')
                length--;
        restore.data_dir = xstrndup(spec->data_dir, length);
        if (!check_folder(&restore, err) || !check_archive(&restore, &ret->facts, err) ||
            !check_room(&restore, &ret->facts, err) || !write_folder(&restore, ret, err) ||
            !give_files(&restore, err) || !swap(&restore, ret, err))
                return false;
        if (restore.settings)
                ret->settings = xasprintf("%s/%s", restore.data_dir, RESTORED_SETTINGS);
        return true;
}
