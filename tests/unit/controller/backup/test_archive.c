#include "harness/temp_folder.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"

#define SUM_LINE "  manifest.json\n"

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
        assert_true(text_ends_with(error_message(why), "it has no manifest: it was never finished"));
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
        /* What is behind the sum of the manifest is only there for tar. */
        size_t sum_end = (size_t) ((char *) memmem(good, length, SUM_LINE, strlen(SUM_LINE)) - good);
        for (size_t at = 0; at < sum_end; at += 97) {
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

static void write_foreign(const char *path, const char *name, unsigned type) {
        struct archive *tar = archive_write_new();
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, type);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, 0);
        if (type == AE_IFLNK)
                archive_entry_set_symlink(entry, "/etc/passwd");
        assert_int_equal(archive_write_set_format_pax_restricted(tar), ARCHIVE_OK);
        assert_int_equal(archive_write_open_filename(tar, path), ARCHIVE_OK);
        assert_int_equal(archive_write_header(tar, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_close(tar), ARCHIVE_OK);
        archive_entry_free(entry);
        archive_write_free(tar);
}

static void nothing_but_plain_files_below_is_taken(void **state) {
        static const struct {
                const char *name;
                unsigned type;
        } foreign[] = {
                { "data/link", AE_IFLNK },    { "data/folder", AE_IFDIR }, { "data/device", AE_IFCHR },
                { "/etc/passwd", AE_IFREG },  { "../outside", AE_IFREG },  { "data/../../x", AE_IFREG },
                { "data//double", AE_IFREG }, { "data/./dot", AE_IFREG },  { "data/\x1b[31m", AE_IFREG },
        };
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);
        CLEANUP(free) char *expected = xasprintf("%s: it holds something that no backup holds", path);

        (void) state;
        for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
                CLEANUP(archive_facts_clear) ArchiveFacts facts = { 0 };

                write_foreign(path, foreign[i].name, foreign[i].type);
                assert_fails(ERROR_INVALID, expected, archive_read(path, NULL, NULL, &facts, err));
        }
        temp_remove(folder);
}

static void long_names_come_back(void **state) {
        CLEANUP(archive_facts_clear) ArchiveFacts facts = { 0 };
        CLEANUP(archive_writer_free) ArchiveWriter *writer = NULL;
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/a.tar", folder);
        CLEANUP(free) char *source = xasprintf("%s/source", folder);
        char name[301] = { 0 };

        (void) state;
        memset(name, 'n', sizeof(name) - 1);
        temp_write(folder, "source", "contents");
        CLEANUP(file_close) int fd = open(source, O_RDONLY | O_CLOEXEC);
        assert_ok((writer = archive_writer_new(path, NULL, err)) != NULL);
        assert_ok(archive_writer_add(writer, name, fd, 8, 0600, err));
        assert_ok(archive_writer_finish(writer, &facts, err));
        assert_ok(archive_read(path, NULL, NULL, &facts, err)); /* the manifest names it */
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
                cmocka_unit_test(nothing_but_plain_files_below_is_taken),
                cmocka_unit_test(long_names_come_back),
                cmocka_unit_test(a_file_that_became_shorter_is_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
