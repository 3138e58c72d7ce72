#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "run/line_cutter.h"

static char *cut(const char *bytes, size_t length, size_t step) {
        CLEANUP(text_clear) Text lines = { 0 };
        LineCutter cutter = { 0 };

        for (size_t done = 0; done < length; done += step)
                line_cutter_feed(&cutter, bytes + done, length - done < step ? length - done : step, &lines);
        line_cutter_end(&cutter, &lines);
        return text_take(&lines);
}

static void output_of_any_kind_becomes_printable_lines(void **state) {
        static const struct {
                const char *input, *lines;
                size_t length;
        } cases[] = {
                { "one\ntwo", "one\ntwo\n", 7 },
                { "", "", 0 },
                { "\n\n", "\n\n", 2 },
                { "a\r\nb\rc\r\n", "a\nb\nc\n", 8 },
                { "nul\0here\n", "nul\\x00here\n", 9 },
                { "\x1b[31mred\x1b[0m\ttab\n", "\x1b[31mred\x1b[0m\ttab\n", 17 },
                { "caf\xc3\xa9 \xf0\x9f\x91\xbb\n", "caf\xc3\xa9 \xf0\x9f\x91\xbb\n", 11 },
                { "\xff\xfe\x80\n", "\\xff\\xfe\\x80\n", 4 },
                { "\xc3(\n", "\\xc3(\n", 3 },
                { "\xed\xa0\x80\n", "\\xed\\xa0\\x80\n", 4 },
                { "\xe2\x82", "\\xe2\\x82\n", 2 },
        };
        (void) state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                for (size_t step = 1; step < 4; step++) {
                        CLEANUP(free) char *lines = cut(cases[i].input, cases[i].length, step);
                        assert_string_equal(lines, cases[i].lines);
                }
        }
}

static void a_very_long_line_becomes_several_and_no_character_is_split(void **state) {
        CLEANUP(text_clear) Text input = { 0 };
        (void) state;

        for (int i = 0; i < 20000; i++)
                text_append(&input, "\xc3\xa9");
        CLEANUP(free) char *lines = cut(input.data, input.length, 1000);
        size_t letters = 0;
        for (const char *at = lines; *at;) {
                size_t length = strcspn(at, "\n");
                assert_true(length < LINE_MAX_BYTES);
                assert_true(text_is_utf8(at, length));
                letters += length / 2;
                at += length + 1;
        }
        assert_int_equal(letters, 20000);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(output_of_any_kind_becomes_printable_lines),
                cmocka_unit_test(a_very_long_line_becomes_several_and_no_character_is_split),
        };

        return cmocka_run_group_tests_name("line_cutter", tests, NULL, NULL);
}
