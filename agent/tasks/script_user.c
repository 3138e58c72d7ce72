#include "tasks/script_user.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { LINE_MAX_BYTES = 4096 };

static void stream_closep(FILE **stream) {
        if (*stream)
                (void) fclose(*stream);
}

bool script_user_find(const char *root, const char *name, uint32_t *ret_uid, uint32_t *ret_gid, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/etc/passwd", root);
        CLEANUP(stream_close) FILE *stream = fopen(path, "re");
        struct passwd entry, *found = NULL;
        char line[LINE_MAX_BYTES];

        if (!stream)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", path, strerror(errno));
        while (fgetpwent_r(stream, &entry, line, sizeof(line), &found) == 0 && found)
                if (strcmp(found->pw_name, name) == 0) {
                        *ret_uid = found->pw_uid;
                        *ret_gid = found->pw_gid;
                        return true;
                }
        return error_set(err, ERROR_NOT_FOUND, "the instance has no user '%.64s'", name);
}
