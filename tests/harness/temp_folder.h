/* A folder of the test's own, and short ways to look at files in it. */
#pragma once

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/ghost_test.h"

static inline char *temp_folder(void) {
        char *folder = xstrdup("/tmp/ghost-test-XXXXXX");

        assert_non_null(mkdtemp(folder));
        assert_int_equal(chmod(folder, 0755), 0);
        return folder;
}

static inline void temp_remove(char *folder) {
        assert_ok(file_remove_tree(folder, err));
        free(folder);
}

/* The file's text, or "" when it is not there; caller frees. */
static inline char *temp_read(const char *folder, const char *name) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);
        CLEANUP(error_free) Error *ignored = NULL;
        char *content = NULL;
        size_t length = 0;

        return file_read(path, 256 << 20, &content, &length, &ignored) ? content : xstrdup("");
}

static inline void temp_write(const char *folder, const char *name, const char *content) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);

        assert_ok(file_write_atomic(path, content, strlen(content), 0644, err));
}

static inline bool temp_has(const char *folder, const char *name) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);

        return file_exists(path);
}

static inline void assert_content(const char *folder, const char *name, const char *expected) {
        CLEANUP(free) char *content = temp_read(folder, name);

        assert_string_equal(content, expected);
}
