#include "harness/temp_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "backup/archive.h"
#include "backup/tar.h"

static void write_archive(const char *folder, bool finish) {
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);
        CLEANUP(free) char *source = xasprintf("%s/source", folder);
        CLEANUP(archive_writer_free) ArchiveWriter *writer = NULL;
        const ArchiveFacts facts = { .version = (char *) "1.2", .made = (char *) "then", .schema = 7 };

        temp_write(folder, "source", "contents of a file");
        CLEANUP(file_close) int fd = open(source, O_RDONLY | O_CLOEXEC);
        (void) unlink(path);
        assert_ok((writer = archive_writer_new(path, NULL, err)) != NULL);
        assert_ok(archive_writer_add(writer, "data/one", fd, 18, 0600, err));
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_ok(archive_writer_add(writer, "data/two", fd, 8, 0600, err));
        if (finish)
                assert_ok(archive_writer_finish(writer, &facts, err));
}

static void what_was_written_is_proved(void **state) {
        CLEANUP(archive_facts_clear) ArchiveFacts facts = { 0 };
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);
        struct stat file;

        (void) state;
        write_archive(folder, true);
        assert_ok(archive_read(path, NULL, NULL, &facts, err));
        assert_string_equal(facts.version, "1.2");
        assert_string_equal(facts.made, "then");
        assert_int_equal(facts.schema, 7);
        assert_int_equal(facts.files, 2);
        assert_int_equal(facts.bytes, 26);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 0777, 0600);
        temp_remove(folder);
}

static void one_that_was_never_finished_is_none(void **state) {
        CLEANUP(archive_facts_clear) ArchiveFacts facts = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);

        (void) state;
        write_archive(folder, false);
        assert_false(archive_read(path, NULL, NULL, &facts, &why));
        assert_true(text_ends_with(error_message(why), "it is cut off; take another backup"));
        temp_remove(folder);
}

/* Cut anywhere, and with any byte changed. */
static void damage_is_always_noticed(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);
        CLEANUP(free) char *good = NULL;
        size_t length = 0;

        (void) state;
        write_archive(folder, true);
        assert_ok(file_read(path, 1 << 20, &good, &length, err));
        for (size_t at = 0; at < length - (size_t) TAR_BLOCK_BYTES * 2; at += 97) {
                CLEANUP(archive_facts_clear) ArchiveFacts facts = { 0 };
                CLEANUP(error_free) Error *cut = NULL;
                CLEANUP(error_free) Error *changed = NULL;

                assert_ok(file_write_atomic(path, good, at, 0600, err));
                assert_false(archive_read(path, NULL, NULL, &facts, &cut));
                assert_non_null(cut);
                bool padding = !good[at] || good[at] == ' ';
                good[at] ^= 0x11;
                assert_ok(file_write_atomic(path, good, length, 0600, err));
                if (!padding)
                        assert_false(archive_read(path, NULL, NULL, &facts, &changed));
                good[at] ^= 0x11;
        }
        temp_remove(folder);
}

static void a_file_that_became_shorter_is_said(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);
        CLEANUP(free) char *source = xasprintf("%s/source", folder);
        CLEANUP(archive_writer_free) ArchiveWriter *writer = NULL;

        (void) state;
        temp_write(folder, "source", "short");
        CLEANUP(file_close) int fd = open(source, O_RDONLY | O_CLOEXEC);
        assert_ok((writer = archive_writer_new(path, NULL, err)) != NULL);
        assert_fails(
                ERROR_UNAVAILABLE, "data/one became shorter while it was read; try again",
                archive_writer_add(writer, "data/one", fd, 6, 0600, err));
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_written_is_proved),
                cmocka_unit_test(one_that_was_never_finished_is_none),
                cmocka_unit_test(damage_is_always_noticed),
                cmocka_unit_test(a_file_that_became_shorter_is_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
