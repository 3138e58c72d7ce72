#include "harness/ghost_test.h"

#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/mail_header.h"

static void assert_header(const char *value, const char *expected) {
        CLEANUP(free) char *header = mail_header("Subject", value);

        assert_string_equal(header, expected);
}

static void a_short_value_stands_as_it_is(void **state) {
        (void) state;
        assert_header(
                "[GHOST] App a (b) - deploy: done (fine)",
                "Subject: [GHOST] App a (b) - deploy: done (fine)");
        assert_header("", "Subject: ");
}

/* What a reader of the mail gets back. */
static char *decoded(const char *header) {
        Text text = { 0 };

        for (const char *at = strstr(header, "=?UTF-8?B?"); at; at = strstr(at, "=?UTF-8?B?")) {
                at += strlen("=?UTF-8?B?");
                CLEANUP(free) char *digits = xstrndup(at, strcspn(at, "?"));
                CLEANUP(free) char *bytes = NULL;
                size_t length = 0;

                assert_ok(base64_decode(digits, &bytes, &length, err));
                assert_true(text_is_utf8(bytes, length)); /* no character is torn */
                text_append_bytes(&text, bytes, length);
        }
        return text_take(&text);
}

static void assert_folded(const char *header) {
        CLEANUP(string_list_clear) StringList lines = { 0 };

        text_split(header, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                assert_true(strlen(lines.items[i]) <= 77); /* with its '\r' */
                if (i > 0)
                        assert_true(lines.items[i][0] == ' ');
                if (i + 1 < lines.count)
                        assert_true(text_ends_with(lines.items[i], "\r"));
        }
}

static void other_words_are_encoded_and_folded(void **state) {
        static const char *const values[] = {
                "déployé",
                "déployé à l’été: ça marche, n’est-ce pas? Oui, ça marche très bien, vraiment très bien, "
                "€€€€€",
                "a long line of plain words, longer than what fits into one line of a mail, which must be "
                "folded",
                "=?UTF-8?B?Zm9v?= is no trick",
                "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語",
        };

        (void) state;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
                CLEANUP(free) char *header = mail_header("Subject", values[i]);
                CLEANUP(free) char *back = decoded(header);

                assert_string_equal(back, values[i]);
                assert_folded(header);
        }
}

static void nothing_starts_another_header(void **state) {
        (void) state;
        assert_header("x\r\nBcc: all@example.com", "Subject: x  Bcc: all@example.com");
        assert_header("x\ny\rz\tw\x7f", "Subject: x y z w ");
        CLEANUP(free) char *header = mail_header("Subject", "é\r\n\r\n<script>\r\nBcc: b@example.com");
        CLEANUP(free) char *back = decoded(header);
        assert_string_equal(back, "é    <script>  Bcc: b@example.com");
        assert_folded(header);
}

static void what_is_too_long_is_cut_between_characters(void **state) {
        CLEANUP(text_clear) Text value = { 0 };

        (void) state;
        text_append(&value, "x");
        for (int i = 0; i < 100000; i++)
                text_append(&value, "é");
        CLEANUP(free) char *header = mail_header("Subject", value.data);
        CLEANUP(free) char *back = decoded(header);
        assert_true(strlen(back) <= 904);
        assert_true(text_ends_with(back, "é…"));
        assert_folded(header);
}

static void bytes_that_are_no_text_do_no_harm(void **state) {
        (void) state;
        assert_header("a\xff\xfe z", "Subject: a?? z");
}

static void an_address_is_one_bare_address(void **state) {
        static const char *const good[] = { "a@b", "ann.o+x@mail.example.com" };
        static const char *const bad[] = {
                "",        "a",           "@b",          "a@",       "a@b@c",
                "a@b>",    "<a@b>",       "a@b,c@d",     "a b@c",    "a@b\r\nRCPT TO:<c@d>",
                "é@b.com", "a@b\nx: y@z", "\"a b\"@c.d", "a@b;c@d.e"
        };
        CLEANUP(free) char *many = xcalloc(300, 1);

        (void) state;
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(mail_address_valid(good[i]));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(mail_address_valid(bad[i]));
        memset(many, 'a', 298);
        many[10] = '@';
        assert_false(mail_address_valid(many));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_short_value_stands_as_it_is),
                cmocka_unit_test(other_words_are_encoded_and_folded),
                cmocka_unit_test(nothing_starts_another_header),
                cmocka_unit_test(what_is_too_long_is_cut_between_characters),
                cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
                cmocka_unit_test(an_address_is_one_bare_address),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
