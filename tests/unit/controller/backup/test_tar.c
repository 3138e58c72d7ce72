#include "harness/ghost_test.h"

#include <string.h>

#include "backup/tar.h"
#include "base/text.h"

static TarEntry entry_of(const char *path, uint64_t size) {
        TarEntry entry = { .size = size, .mode = 0600 };

        (void) snprintf(entry.path, sizeof(entry.path), "%s", path);
        return entry;
}

static void assert_comes_back(const char *path, uint64_t size) {
        uint8_t block[TAR_BLOCK_BYTES];
        TarEntry entry = entry_of(path, size), again;
        bool end = true;

        assert_ok(tar_header_make(&entry, 1700000000000000, block, err));
        assert_ok(tar_header_read(block, &again, &end, err));
        assert_false(end);
        assert_string_equal(again.path, path);
        assert_true(again.size == size);
        assert_int_equal(again.mode, 0600);
}

static void a_header_comes_back_as_it_was(void **state) {
        char path[TAR_PATH_MAX + 1];

        (void) state;
        assert_comes_back("data/ghost.db", 0);
        assert_comes_back("data/packages/ab/x.pack", (UINT64_C(1) << 33) - 1);
        assert_comes_back("large", UINT64_C(1) << 40); /* more than the octal digits hold */
        memset(path, 'p', sizeof(path));
        path[150] = '/';
        path[250] = '\0';
        assert_comes_back(path, 1);
}

static void a_path_that_no_header_holds_is_refused(void **state) {
        uint8_t block[TAR_BLOCK_BYTES];
        TarEntry entry = { 0 };

        (void) state;
        memset(entry.path, 'p', 200);
        CLEANUP(error_free) Error *why = NULL;
        assert_false(tar_header_make(&entry, 0, block, &why));
        assert_int_equal(error_kind(why), ERROR_INVALID);
}

static void paths_that_lead_elsewhere_are_not_safe(void **state) {
        static const char *const bad[] = { "", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "a\nb" };

        (void) state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(tar_path_is_safe(bad[i]));
        assert_true(tar_path_is_safe("data/logs/..x.txt"));
}

static void one_wrong_byte_is_noticed(void **state) {
        uint8_t block[TAR_BLOCK_BYTES];
        TarEntry entry = entry_of("data/x", 7), got;
        bool end = false;

        (void) state;
        for (size_t i = 0; i < TAR_BLOCK_BYTES; i++) {
                CLEANUP(error_free) Error *why = NULL;
                assert_ok(tar_header_make(&entry, 0, block, err));
                block[i] ^= 1;
                if (tar_header_read(block, &got, &end, &why)) /* in the blanks around its own checksum */
                        assert_in_range(i, 148, 155);
        }
}

static void zeros_are_the_end(void **state) {
        uint8_t block[TAR_BLOCK_BYTES] = { 0 };
        bool end = false;
        TarEntry got;

        (void) state;
        assert_ok(tar_header_read(block, &got, &end, err));
        assert_true(end);
        assert_int_equal(tar_padding(0), 0);
        assert_int_equal(tar_padding(1), 511);
        assert_int_equal(tar_padding(512), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_header_comes_back_as_it_was),
                cmocka_unit_test(a_path_that_no_header_holds_is_refused),
                cmocka_unit_test(paths_that_lead_elsewhere_are_not_safe),
                cmocka_unit_test(one_wrong_byte_is_noticed),
                cmocka_unit_test(zeros_are_the_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
