#include "harness/ghost_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static char folder[] = "/tmp/ghost-file-XXXXXX";

static char *in_folder(const char *name) {
        return xasprintf("%s/%s", folder, name);
}

static void what_is_written_is_read(void **state) {
        (void) state;
        CLEANUP(free) char *path = in_folder("some/deep/file");
        CLEANUP(free) char *parent = in_folder("some/deep");
        CLEANUP(free) char *content = NULL;
        size_t length = 0;
        struct stat facts;

        assert_ok(file_make_folders(parent, 0755, err));
        assert_ok(file_make_folders(parent, 0755, err));
        assert_ok(file_write_atomic(path, "a\0b", 3, 0640, err));
        assert_ok(file_write_atomic(path, "c\0d", 3, 0600, err));
        assert_ok(file_read(path, 3, &content, &length, err));
        assert_int_equal(length, 3);
        assert_memory_equal(content, "c\0d", 4);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0600);

        /* Nothing temporary stays behind. */
        CLEANUP(error_free) Error *error = NULL;
        assert_true(file_remove_tree(path, &error));
        assert_int_equal(rmdir(parent), 0);
}

static void reading_is_bounded(void **state) {
        (void) state;
        CLEANUP(free) char *path = in_folder("bounded");
        CLEANUP(free) char *absent = in_folder("absent");
        CLEANUP(free) char *content = NULL;
        CLEANUP(free) char *message = xasprintf("read %s: longer than 4 bytes", path);
        CLEANUP(free) char *missing = xasprintf("read %s: No such file or directory", absent);

        assert_ok(file_write_atomic(path, "12345", 5, 0600, err));
        assert_fails(ERROR_INVALID, message, file_read(path, 4, &content, NULL, err));
        assert_fails(ERROR_NOT_FOUND, missing, file_read(absent, 4, &content, NULL, err));
        assert_ok(file_read("/proc/self/status", 65536, &content, NULL, err)); /* says that it is empty */
        assert_true(strlen(content) > 100);
}

static void an_empty_file_reads_as_the_empty_string(void **state) {
        (void) state;
        CLEANUP(free) char *path = in_folder("empty");
        CLEANUP(free) char *content = NULL;
        size_t length = 9;

        assert_ok(file_write_atomic(path, "", 0, 0600, err));
        assert_ok(file_read(path, 0, &content, &length, err));
        assert_int_equal(length, 0);
        assert_string_equal(content, "");
}

static void a_full_disk_is_named(void **state) {
        (void) state;
        CLEANUP(file_close) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                skip();
        assert_fails(
                ERROR_UNAVAILABLE, "no space left on the disk that holds /dev/full",
                file_write_all(fd, "x", 1, err));
}

static void a_file_in_the_way_is_told(void **state) {
        (void) state;
        CLEANUP(free) char *path = in_folder("in-the-way");
        CLEANUP(free) char *message = xasprintf("make folder %s: a file of that name is there", path);

        assert_ok(file_write_atomic(path, "", 0, 0600, err));
        assert_fails(ERROR_CONFLICT, message, file_make_folders(path, 0755, err));
}

static void removing_a_tree_follows_no_link(void **state) {
        (void) state;
        CLEANUP(free) char *tree = in_folder("tree");
        CLEANUP(free) char *inner = in_folder("tree/a/b");
        CLEANUP(free) char *link = in_folder("tree/a/link");
        CLEANUP(free) char *outside = in_folder("outside");
        CLEANUP(free) char *kept = in_folder("outside/kept");
        CLEANUP(free) char *link_to_tree = in_folder("link-to-outside");

        assert_ok(file_make_folders(inner, 0755, err));
        assert_ok(file_make_folders(outside, 0755, err));
        assert_ok(file_write_atomic(kept, "x", 1, 0600, err));
        assert_int_equal(symlink(outside, link), 0);
        assert_int_equal(chmod(inner, 0), 0); /* left without rights */
        assert_ok(file_remove_tree(tree, err));
        assert_false(file_exists(tree));
        assert_true(file_exists(kept));

        /* The path itself may be a link: it alone goes. */
        assert_int_equal(symlink(outside, link_to_tree), 0);
        assert_ok(file_remove_tree(link_to_tree, err));
        assert_false(file_exists(link_to_tree));
        assert_true(file_exists(kept));
        assert_ok(file_remove_tree(tree, err)); /* absent is success */
}

static void removing_copes_with_any_depth(void **state) {
        (void) state;
        CLEANUP(free) char *tree = in_folder("abyss");
        int fd;

        assert_int_equal(mkdir(tree, 0755), 0);
        fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; i < 3000; i++) {
                assert_int_equal(mkdirat(fd, "down", 0755), 0);
                int next = openat(fd, "down", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                close(fd);
                fd = next;
        }
        close(fd);
        assert_ok(file_remove_tree(tree, err));
        assert_false(file_exists(tree));
}

static void a_link_is_switched_in_one_step(void **state) {
        (void) state;
        CLEANUP(free) char *link = in_folder("current");
        CLEANUP(free) char *directory = in_folder("directory");
        char target[64] = { 0 };

        assert_ok(file_switch_link(link, "releases/1", err));
        assert_ok(file_switch_link(link, "releases/2", err));
        assert_int_equal(readlink(link, target, sizeof(target) - 1), 10);
        assert_string_equal(target, "releases/2");
        assert_true(file_exists(link)); /* although it dangles */

        /* A real folder is never replaced. */
        CLEANUP(error_free) Error *error = NULL;
        assert_ok(file_make_folders(directory, 0755, err));
        assert_false(file_switch_link(directory, "releases/3", &error));
        assert_true(file_exists(directory));
}

static void free_space_is_measured(void **state) {
        (void) state;
        CLEANUP(error_free) Error *error = NULL;
        uint64_t bytes = 0;

        assert_ok(file_free_bytes(folder, &bytes, err));
        assert_true(bytes > 0);
        assert_false(file_free_bytes("/nowhere", &bytes, &error));
        assert_int_equal(error_kind(error), ERROR_NOT_FOUND);
}

static int make_folder(void **state) {
        (void) state;
        return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
        (void) state;
        CLEANUP(error_free) Error *error = NULL;
        return file_remove_tree(folder, &error) ? 0 : -1;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read),
                cmocka_unit_test(reading_is_bounded),
                cmocka_unit_test(an_empty_file_reads_as_the_empty_string),
                cmocka_unit_test(a_full_disk_is_named),
                cmocka_unit_test(a_file_in_the_way_is_told),
                cmocka_unit_test(removing_a_tree_follows_no_link),
                cmocka_unit_test(removing_copes_with_any_depth),
                cmocka_unit_test(a_link_is_switched_in_one_step),
                cmocka_unit_test(free_space_is_measured),
        };

        return cmocka_run_group_tests_name("file", tests, make_folder, remove_folder);
}
