#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "socketio/log_tail.h"
#include "json/document.h"

typedef struct Case {
        char *folder, *path;
        Text content;
} Case;

static int set_up(void **state) {
        Case *test = xcalloc(1, sizeof(*test));

        test->folder = temp_folder();
        test->path = xasprintf("%s/log.txt", test->folder);
        *state = test;
        return 0;
}

static int tear_down(void **state) {
        Case *test = *state;

        temp_remove(test->folder);
        free(test->path);
        text_clear(&test->content);
        free(test);
        return 0;
}

static void append(Case *test, const char *words) {
        FILE *file = fopen(test->path, "ae");

        assert_non_null(file);
        assert_true(fputs(words, file) >= 0);
        assert_int_equal(fclose(file), 0);
        text_append(&test->content, words);
}

/* What is in the packet; "" and -1 when there is none. Caller frees. */
static char *read_packet(LogTail *tail, const char *member, int64_t *ret_position) {
        CLEANUP(free) char *packet = log_tail_next(tail);
        CLEANUP(error_free) Error *error = NULL;

        *ret_position = -1;
        if (!packet)
                return xstrdup("");
        assert_int_equal(packet[0], '2');
        CLEANUP(document_free) Document *event = document_parse(packet + 1, strlen(packet + 1), &error);
        assert_non_null(event);
        assert_string_equal(document_value(document_at(event, 0)), "job");
        *ret_position = document_get_int(document_at(event, 1), "last_pos");
        return xstrdup(document_get_string(document_at(event, 1), member));
}

static char *read_raw(LogTail *tail, int64_t *ret_position) {
        CLEANUP(free) char *encoded = read_packet(tail, "raw", ret_position);
        char *bytes = NULL;
        size_t length;

        assert_ok(base64_decode(encoded, &bytes, &length, err));
        return bytes;
}

static void whole_lines_come_as_they_are_written(void **state) {
        Case *test = *state;
        int64_t position;

        append(test, "one\ntwo\nhal");
        CLEANUP(log_tail_free) LogTail *tail = NULL;
        assert_ok(tail = log_tail_open(xstrdup(test->path), 0, LOG_TAIL_RAW, err));
        CLEANUP(free) char *first = read_raw(tail, &position);
        assert_string_equal(first, "one\ntwo\n");
        assert_int_equal(position, 0);
        CLEANUP(free) char *nothing = read_raw(tail, &position);
        assert_int_equal(position, -1);
        append(test, "f\n");
        CLEANUP(free) char *second = read_raw(tail, &position);
        assert_string_equal(second, "half\n");
        assert_int_equal(position, 8);
}

static void every_byte_comes_once(void **state) {
        Case *test = *state;
        CLEANUP(text_clear) Text read = { 0 };
        int64_t position;

        for (int i = 0; i < 3000; i++)
                append(test, i % 100 ? "a line of the log\n" : "\n");
        CLEANUP(free) char *longest = xcalloc(1, 40002);
        memset(longest, 'x', 40000);
        longest[40000] = '\n';
        append(test, longest);
        append(test, "end\n");
        CLEANUP(log_tail_free) LogTail *tail = NULL;
        assert_ok(tail = log_tail_open(xstrdup(test->path), 0, LOG_TAIL_RAW, err));
        for (;;) {
                CLEANUP(free) char *piece = read_raw(tail, &position);

                if (position < 0)
                        break;
                assert_int_equal(position, read.length);
                text_append(&read, piece);
        }
        assert_string_equal(read.data, test->content.data);
}

static void html_comes_in_small_batches(void **state) {
        Case *test = *state;
        int64_t position;

        for (int i = 0; i < 200; i++)
                append(test, "0123456789\n");
        CLEANUP(log_tail_free) LogTail *tail = NULL;
        assert_ok(tail = log_tail_open(xstrdup(test->path), 11, LOG_TAIL_HTML, err));
        CLEANUP(free) char *first = read_packet(tail, "html", &position);
        assert_int_equal(position, 11);
        assert_memory_equal(first, "<samp>0123456789<br/></samp>", 28);
        CLEANUP(free) char *second = read_packet(tail, "html", &position);
        assert_in_range(position, 1000, 1030);
        assert_int_equal((position - 11) % 11, 0);
}

static void no_log_is_no_tail(void **state) {
        const Case *test = *state;

        assert_fails(
                ERROR_NOT_FOUND, "No log file yet.",
                log_tail_open(xstrdup(test->path), 0, LOG_TAIL_RAW, err) != NULL);
        CLEANUP(free) char *raw = log_tail_error(LOG_TAIL_RAW, "No.");
        assert_string_equal(raw, "2[\"job\",{\"raw\":null,\"error\":\"No.\",\"last_pos\":0}]");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(whole_lines_come_as_they_are_written),
                TEST(every_byte_comes_once),
                TEST(html_comes_in_small_batches),
                TEST(no_log_is_no_tail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
