#include "harness/shared_files.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { MAX_BYTES = 8 << 20 };

char *shared_file_path(const char *path) {
        const char *shared = getenv("GHOST_SHARED"), *root = getenv("GHOST_SOURCE_ROOT");

        if (shared && *shared)
                return xasprintf("%s/%s", shared, path);
        return xasprintf("%s/../shared/%s", root ? root : ".", path);
}

char *shared_file_read(const char *path) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *full = shared_file_path(path);
        char *content = NULL;
        size_t length;

        return file_read(full, MAX_BYTES, &content, &length, &error) ? content : NULL;
}
