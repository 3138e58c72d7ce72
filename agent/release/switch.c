#include "release/switch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

char *switch_read_link(const SwitchSpec *spec) {
        char target[PATH_MAX];
        ssize_t length = readlink(spec->path, target, sizeof(target) - 1);
        size_t prefix = strlen(spec->releases_folder);

        if (length <= 0)
                return NULL;
        target[length] = '\0';
        if (strncmp(target, spec->releases_folder, prefix) != 0 || target[prefix] != '/')
                return NULL;
        return xstrdup(target);
}

static char *parent_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash && slash > path ? xstrndup(path, (size_t) (slash - path)) : xstrdup("/");
}

/* The new link takes the place of what is there in one exchange, then that gets its new name. */
static bool exchange(const SwitchSpec *spec, char **ret_moved_aside, Error **err) {
        CLEANUP(free) char *when = clock_format(clock_now_us(), "%Y%m%d-%H%M%S");
        CLEANUP(free) char *aside = xasprintf("%s.ghost-saved-%s", spec->path, when);
        CLEANUP(free) char *id = crypto_random_hex(6), *link = xasprintf("%s.ghost-%s", spec->path, id);

        if (file_exists(aside)) {
                free(aside);
                aside = xasprintf("%s.ghost-saved-%s-%s", spec->path, when, id);
        }
        if (symlink(spec->release, link) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "link %s: %s", link, strerror(errno));
        if (renameat2(AT_FDCWD, link, AT_FDCWD, spec->path, RENAME_EXCHANGE) == 0) {
                if (rename(link, aside) < 0)
                        return error_set(
                                err, ERROR_UNAVAILABLE, "what was at %s is now at %s: %s", spec->path, link,
                                strerror(errno));
                *ret_moved_aside = TAKE(aside);
                return true;
        }
        /* Some file systems cannot exchange. */
        if (rename(spec->path, aside) < 0 || rename(link, spec->path) < 0) {
                error_set(
                        err, ERROR_CONFLICT, "%s is not ours and cannot be moved aside: %s", spec->path,
                        strerror(errno));
                unlink(link);
                return false;
        }
        *ret_moved_aside = TAKE(aside);
        return true;
}

bool switch_link(const SwitchSpec *spec, char **ret_moved_aside, Error **err) {
        CLEANUP(free) char *parent = parent_of(spec->path), *ours = switch_read_link(spec);

        *ret_moved_aside = NULL;
        if (!file_make_folders(parent, 0755, err))
                return false;
        if (!ours && file_exists(spec->path))
                return exchange(spec, ret_moved_aside, err) && file_sync_folder(parent, err);
        return file_switch_link(spec->path, spec->release, err) && file_sync_folder(parent, err);
}

bool switch_remove_link(const SwitchSpec *spec, Error **err) {
        CLEANUP(free) char *ours = switch_read_link(spec);

        if (ours && unlink(spec->path) < 0 && errno != ENOENT)
                return error_set(err, ERROR_UNAVAILABLE, "remove link %s: %s", spec->path, strerror(errno));
        return true;
}

static bool part_allowed(const char *part) {
        if (part[0] == '\0' || strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
                return false;
        for (; *part; part++)
                if ((unsigned char) *part < 0x20 || *part == 0x7f)
                        return false;
        return true;
}

static bool belongs_to_the_system(const char *path) {
        static const char *const kept[] = {
                "",      "/bin",  "/boot", "/dev",  "/etc", "/ghost", "/home", "/lib", "/lib64",
                "/proc", "/root", "/run",  "/sbin", "/sys", "/tmp",   "/usr",  "/var",
        };
        static const char *const wholly_kept[] = { "/dev/", "/proc/", "/sys/", "/ghost/" };

        for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
                if (strcmp(path, kept[i]) == 0)
                        return true;
        for (size_t i = 0; i < sizeof(wholly_kept) / sizeof(wholly_kept[0]); i++)
                if (text_starts_with(path, wholly_kept[i]))
                        return true;
        return false;
}

bool switch_path_allowed(const char *path, Error **err) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        size_t length = strlen(path);

        if (path[0] != '/' || length > PATH_MAX / 2)
                return error_set(err, ERROR_INVALID, "target path '%s' is not an absolute path", path);
        while (length > 0 && path[length - 1] == '/')
                length--;
        CLEANUP(free) char *bare = xstrndup(path, length);
        if (belongs_to_the_system(bare))
                return error_set(err, ERROR_INVALID, "target path '%s' belongs to the system", path);
        text_split(bare + 1, '/', &parts);
        for (size_t i = 0; i < parts.count; i++)
                if (!part_allowed(parts.items[i]))
                        return error_set(err, ERROR_INVALID, "target path '%s' is not a plain path", path);
        return true;
}
