#include "harness/ghost_test.h"

#include <string.h>
#include <zlib.h>

#include "harness/temp_folder.h"
#include "notify/job_log_file.h"

static int set_up(void **state) {
        *state = temp_folder();
        return 0;
}

static int tear_down(void **state) {
        temp_remove(*state);
        return 0;
}
#define LOG_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void a_short_log_is_attached_as_it_is(void **state) {
        CLEANUP(log_attachment_clear) LogAttachment log = { 0 };

        temp_write(*state, "1.txt", "hello\n");
        assert_ok(log_attachment_read(*state, "1", &log, err));
        assert_string_equal(log.name, "1.txt");
        assert_int_equal(log.length, 6);
        assert_memory_equal(log.bytes, "hello\n", 6);
        assert_int_equal(log.left_out, 0);
}

static void a_log_that_is_not_there_is_no_attachment(void **state) {
        CLEANUP(log_attachment_clear) LogAttachment log = { 0 };

        assert_ok(log_attachment_read(*state, "1", &log, err));
        assert_null(log.name);
}

/* Numbers, so that every place differs. Caller frees. */
static char *long_text(size_t length) {
        char *text = xcalloc(length + 1, 1);

        for (size_t i = 0; i + 8 <= length; i += 8)
                (void) snprintf(text + i, 9, "%07zu\n", (i * 7919) % 9999991);
        memset(text + length / 8 * 8, '.', length % 8);
        return text;
}

static void assert_unpacks_to(const LogAttachment *log, const char *expected, size_t length) {
        CLEANUP(free) unsigned char *out = xcalloc(length + 1, 1);
        z_stream stream = { .next_in = log->bytes,
                            .avail_in = (uInt) log->length,
                            .next_out = out,
                            .avail_out = (uInt) length + 1 };

        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.total_out, length);
        assert_memory_equal(out, expected, length);
        inflateEnd(&stream);
}

static void a_longer_log_is_compressed(void **state) {
        CLEANUP(free) char *text = long_text(LOG_ATTACHED_PLAIN + 1);

        for (size_t length = LOG_ATTACHED_PLAIN; length <= LOG_ATTACHED_PLAIN + 1; length++) {
                CLEANUP(log_attachment_clear) LogAttachment log = { 0 };
                CLEANUP(free) char *part = xstrndup(text, length);

                temp_write(*state, "1.txt", part);
                assert_ok(log_attachment_read(*state, "1", &log, err));
                assert_string_equal(log.name, length == LOG_ATTACHED_PLAIN ? "1.txt" : "1.txt.gz");
                if (length > LOG_ATTACHED_PLAIN)
                        assert_unpacks_to(&log, part, length);
        }
}

static void of_a_huge_log_only_the_end_is_attached(void **state) {
        CLEANUP(log_attachment_clear) LogAttachment log = { 0 };
        CLEANUP(free) char *text = long_text(LOG_ATTACHED_MAX + 1000);

        temp_write(*state, "1.txt", text);
        assert_ok(log_attachment_read(*state, "1", &log, err));
        assert_int_equal(log.left_out, 1000);
        assert_unpacks_to(&log, text + 1000, LOG_ATTACHED_MAX);
}

static void assert_last(const char *folder, const char *content, const char *expected) {
        temp_write(folder, "1.txt", content);
        CLEANUP(free) char *lines = log_last_lines(folder, "1", 5);
        assert_string_equal(lines, expected);
}

static void the_last_lines_of_a_log(void **state) {
        CLEANUP(free) char *none = log_last_lines(*state, "2", 5);

        assert_string_equal(none, "");
        assert_last(*state, "", "");
        assert_last(*state, "\n\n\n", "");
        assert_last(*state, "a", "a");
        assert_last(*state, "a\nb\n", "a\nb");
        assert_last(*state, "1\n2\n3\n4\n5\n6\n7\n", "3\n4\n5\n6\n7");
        assert_last(*state, "1\n2\n\033[0;32m3\033[m\n4\n5\n6\r\n\033[31mx", "3\n4\n5\n6 \nx");
}

static void a_long_line_is_cut(void **state) {
        CLEANUP(free) char *text = long_text(100000);
        CLEANUP(free) char *lines = NULL;

        for (char *at = text; *at; at++)
                if (*at == '\n')
                        *at = ' ';
        temp_write(*state, "1.txt", text);
        lines = log_last_lines(*state, "1", 5);
        assert_int_equal(strlen(lines), 400 + strlen("…"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                LOG_TEST(a_short_log_is_attached_as_it_is),
                LOG_TEST(a_log_that_is_not_there_is_no_attachment),
                LOG_TEST(a_longer_log_is_compressed),
                LOG_TEST(of_a_huge_log_only_the_end_is_attached),
                LOG_TEST(the_last_lines_of_a_log),
                LOG_TEST(a_long_line_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
