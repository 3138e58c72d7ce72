#include "store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/memory.h"

int store_lock_take(const char *database_path, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s.lock", database_path);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0) {
                error_set(err, ERROR_INTERNAL, "open '%s': %s", path, strerror(errno));
                return -1;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
                return fd;
        close(fd);
        error_set(err, ERROR_CONFLICT, "another controller is running on '%s'", database_path);
        return -1;
}
