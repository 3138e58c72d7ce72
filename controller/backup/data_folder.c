#include "backup/data_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "backup/data_files.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"

enum { FORMER_MODE = 0700 };

bool data_folder_is_mount(const char *data_dir) {
        struct statx facts;

        return statx(AT_FDCWD, data_dir, 0, STATX_TYPE, &facts) == 0 &&
               facts.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

char *data_folder_fresh_name(const char *data_dir) {
        CLEANUP(free) char *random = crypto_random_hex(4);

        return data_folder_is_mount(data_dir) ? xasprintf("%s/.restoring-%s", data_dir, random)
                                              : xasprintf("%s.restoring-%s", data_dir, random);
}

static bool move(const char *from, const char *to, const char *name, Error **err) {
        CLEANUP(free) char *source = xasprintf("%s/%s", from, name);
        CLEANUP(free) char *target = xasprintf("%s/%s", to, name);

        return rename(source, target) == 0 ||
               error_set(err, ERROR_FORBIDDEN, "move %s to %s: %m; restore again", source, target);
}

static void closedirp(DIR **folder) {
        if (*folder)
                closedir(*folder);
}

/* Names first: moving changes what is being read. */
static bool list_names(const char *folder, StringList *ret, Error **err) {
        CLEANUP(closedir) DIR *open = opendir(folder);

        if (!open)
                return error_set(err, ERROR_FORBIDDEN, "read %s: %m", folder);
        for (struct dirent *entry; (entry = readdir(open));)
                if (!text_equal(entry->d_name, ".") && !text_equal(entry->d_name, "..") &&
                    !data_files_stays(entry->d_name))
                        string_list_add(ret, entry->d_name);
        return true;
}

static bool move_all(const char *from, const char *to, Error **err) {
        CLEANUP(string_list_clear) StringList names = { 0 };

        if (!list_names(from, &names, err))
                return false;
        for (size_t i = 0; i < names.count; i++)
                if (!text_equal(names.items[i], BACKUP_DATABASE) && !move(from, to, names.items[i], err))
                        return false;
        /* Last: a folder without a database is seen to be no whole one. */
        return !string_list_contains(&names, BACKUP_DATABASE) || move(from, to, BACKUP_DATABASE, err);
}

static bool swap_inside(const char *data_dir, const char *fresh, const char *former, Error **err) {
        if (former && mkdir(former, FORMER_MODE) < 0)
                return error_set(err, ERROR_FORBIDDEN, "make folder %s: %m", former);
        return (!former || move_all(data_dir, former, err)) && move_all(fresh, data_dir, err) &&
               file_remove_tree(fresh, err) && file_sync_folder(data_dir, err);
}

/* The former comes back when the fresh one cannot take its place. */
static bool swap_beside(const char *data_dir, const char *fresh, const char *former, Error **err) {
        const char *slash = strrchr(data_dir, '/');
        CLEANUP(free)
        char *parent = slash ? xstrndup(data_dir, slash == data_dir ? 1 : (size_t) (slash - data_dir))
                             : xstrdup(".");

        if (former && rename(data_dir, former) < 0)
                return error_set(err, ERROR_FORBIDDEN, "move %s aside: %m", data_dir);
        if (rename(fresh, data_dir) < 0) {
                error_set(err, ERROR_FORBIDDEN, "move %s into its place: %m", fresh);
                if (former && rename(former, data_dir) < 0)
                        return error_prefix(err, "what was there is in %s", former);
                return false;
        }
        return file_sync_folder(parent, err);
}

bool data_folder_swap(const char *data_dir, const char *fresh, bool any, char **ret_former, Error **err) {
        CLEANUP(free) char *stamp = clock_format(clock_now_us(), "%Y%m%dT%H%M%SZ");
        CLEANUP(free) char *former = NULL;
        bool mounted = data_folder_is_mount(data_dir);

        if (any)
                former = mounted ? xasprintf("%s/.before-%s", data_dir, stamp)
                                 : xasprintf("%s.before-%s", data_dir, stamp);
        if (!(mounted ? swap_inside(data_dir, fresh, former, err)
                      : swap_beside(data_dir, fresh, former, err)))
                return false;
        *ret_former = TAKE(former);
        return true;
}
