#include "release/tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static bool is_plain(const char *part) {
        return part[0] && strcmp(part, ".") != 0 && strcmp(part, "..") != 0;
}

int tree_open_parent(int root, const char *path, const char **ret_name) {
        const char *at = path, *slash = NULL;
        int folder = fcntl(root, F_DUPFD_CLOEXEC, 0);

        while (folder >= 0 && (slash = strchr(at, '/'))) {
                CLEANUP(free) char *part = xstrndup(at, (size_t) (slash - at));
                bool plain = is_plain(part);
                int inner =
                        plain ? openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
                if (!plain)
                        errno = EPERM;
                int problem = errno;
                close(folder);
                errno = problem;
                folder = inner;
                at = slash + 1;
        }
        if (folder >= 0 && !is_plain(at)) {
                close(folder);
                errno = EPERM;
                folder = -1;
        }
        *ret_name = at;
        return folder;
}
