#include "backup/data_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

/* At the top of the data folder. The database is copied by itself. */
static const char *const left_out[] = { "ghost.db",
                                        "ghost.db-wal",
                                        "ghost.db-shm",
                                        "ghost.db.lock",
                                        "mirrors",
                                        "work",
                                        "controller.conf.restored" };

void data_files_clear(DataFiles *files) {
        string_list_clear(&files->paths);
        string_list_clear(&files->left);
        *files = (DataFiles){ 0 };
}

static void closedirp(DIR **folder) {
        if (*folder)
                closedir(*folder);
}

bool data_files_stays(const char *name) {
        return text_equal(name, "lost+found") || text_starts_with(name, ".before-") ||
               text_starts_with(name, ".restoring-");
}

static bool is_left_out(const char *path, bool without_packages) {
        for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
                if (text_equal(path, left_out[i]))
                        return true;
        if (data_files_stays(path))
                return true;
        /* ".new": half a package */
        return (without_packages && text_equal(path, "packages")) || text_ends_with(path, ".new");
}

/* Folders are put into `folders`, to be looked at later. */
static void look_at(
        const char *data_dir, char *path, bool without_packages, StringList *folders, DataFiles *ret) {
        CLEANUP(free) char *owned = path;
        CLEANUP(free) char *whole = xasprintf("%s/%s", data_dir, path);
        struct stat facts;

        if (is_left_out(path, without_packages) || lstat(whole, &facts) < 0)
                return;
        if (S_ISDIR(facts.st_mode))
                string_list_take(folders, TAKE(owned));
        else if (S_ISREG(facts.st_mode)) {
                string_list_take(&ret->paths, TAKE(owned));
                ret->bytes += (uint64_t) facts.st_size;
        } else
                string_list_take(&ret->left, TAKE(owned));
}

static bool read_folder(
        const char *data_dir, const char *folder, bool without_packages, StringList *folders, DataFiles *ret,
        Error **err) {
        CLEANUP(free) char *whole = xasprintf("%s/%s", data_dir, folder);
        CLEANUP(closedir) DIR *open = opendir(*folder ? whole : data_dir);

        if (!open)
                return errno == ENOENT
                               ? *folder != '\0' ||
                                         error_set(err, ERROR_NOT_FOUND, "there is no folder %s", data_dir)
                               : error_set(err, ERROR_FORBIDDEN, "read %s: %m", *folder ? whole : data_dir);
        for (struct dirent *entry; (entry = readdir(open));) {
                if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
                        continue;
                look_at(data_dir, xasprintf("%s%s%s", folder, *folder ? "/" : "", entry->d_name),
                        without_packages, folders, ret);
        }
        return true;
}

static int compare_words(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

bool data_files_list(const char *data_dir, bool without_packages, DataFiles *ret, Error **err) {
        CLEANUP(string_list_clear) StringList folders = { 0 };

        data_files_clear(ret);
        string_list_add(&folders, "");
        for (size_t i = 0; i < folders.count; i++) {
                CLEANUP(free) char *folder = xstrdup(folders.items[i]);
                if (!read_folder(data_dir, folder, without_packages, &folders, ret, err))
                        return false;
        }
        if (ret->paths.count > 1)
                qsort(ret->paths.items, ret->paths.count, sizeof(char *), compare_words);
        return true;
}

bool data_files_any(const char *data_dir, bool *ret, Error **err) {
        CLEANUP(closedir) DIR *folder = opendir(data_dir);

        *ret = false;
        if (!folder)
                return errno == ENOENT || error_set(err, ERROR_FORBIDDEN, "read %s: %m", data_dir);
        for (struct dirent *entry; !*ret && (entry = readdir(folder));)
                *ret = !text_equal(entry->d_name, ".") && !text_equal(entry->d_name, "..") &&
                       !data_files_stays(entry->d_name);
        return true;
}
