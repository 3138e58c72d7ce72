#include "harness/ghost_test.h"

#include <string.h>

#include "wire/http_answer.h"

static const struct {
        const char *bytes;
        bool ended;
        HttpAnswerState state;
        int status;
        const char *body; /* or the message */
} cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, HTTP_ANSWER_WHOLE, 200, "hello" },
        { "HTTP/1.1 200 OK\r\ncontent-length:5 \r\n\r\nhello, and more", false, HTTP_ANSWER_WHOLE, 200,
          "hello" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", false, HTTP_ANSWER_MORE, 0, "" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", true, HTTP_ANSWER_BAD, 0,
          "the answer was cut" },
        { "HTTP/1.0 404 Not Found\r\n\r\ngone", false, HTTP_ANSWER_MORE, 0, "" },
        { "HTTP/1.0 404 Not Found\r\n\r\ngone", true, HTTP_ANSWER_WHOLE, 404, "gone" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", false,
          HTTP_ANSWER_WHOLE, 200, "abcde" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", false, HTTP_ANSWER_MORE, 0,
          "" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", false, HTTP_ANSWER_BAD, 0,
          "a chunk of the answer does not end where it says" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", false, HTTP_ANSWER_BAD, 0,
          "a chunk of the answer has no length" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", true, HTTP_ANSWER_BAD, 0,
          "the answer's length or coding is not understood" },
        { "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", true, HTTP_ANSWER_BAD, 0,
          "the answer's length or coding is not understood" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", true, HTTP_ANSWER_BAD, 0,
          "the answer's length or coding is not understood" },
        { "SSH-2.0-OpenSSH\r\n\r\n", false, HTTP_ANSWER_BAD, 0, "what answers does not speak HTTP/1" },
        { "HTTP/1.1 20x OK\r\n\r\n", false, HTTP_ANSWER_BAD, 0, "what answers does not speak HTTP/1" },
        { "HTTP/1.1 200 OK\r\nServ", false, HTTP_ANSWER_MORE, 0, "" },
        { "HTTP/1.1 200 OK\r\nServ", true, HTTP_ANSWER_BAD, 0, "the answer was cut" },
        { "", true, HTTP_ANSWER_BAD, 0, "the answer was cut" },
};

static void answers_are_read_or_refused(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(error_free) Error *why = NULL;
                CLEANUP(text_clear) Text body = { 0 };
                int status = 0;
                HttpAnswerState found = http_answer_read(
                        cases[i].bytes, strlen(cases[i].bytes), cases[i].ended, &status, &body, &why);
                assert_int_equal(found, cases[i].state);
                if (found == HTTP_ANSWER_BAD)
                        assert_string_equal(error_message(why), cases[i].body);
                else
                        assert_string_equal(body.data ? body.data : "", cases[i].body);
                if (found == HTTP_ANSWER_WHOLE)
                        assert_int_equal(status, cases[i].status);
        }
}

static void a_whole_answer_was_not_whole_before(void **state) {
        static const char answer[] =
                "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n";

        (void) state;
        for (size_t length = 0; length + 1 < sizeof(answer); length++) {
                CLEANUP(error_free) Error *why = NULL;
                CLEANUP(text_clear) Text body = { 0 };
                int status = 0;
                assert_int_equal(
                        http_answer_read(answer, length, false, &status, &body, &why), HTTP_ANSWER_MORE);
                assert_int_equal(body.length, 0);
        }
}

static void a_head_without_an_end_is_refused(void **state) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(text_clear) Text head = { 0 }, body = { 0 };
        int status = 0;

        (void) state;
        text_append(&head, "HTTP/1.1 200 OK\r\n");
        while (head.length <= 16384)
                text_append(&head, "Padding: padding\r\n");
        assert_int_equal(
                http_answer_read(head.data, head.length, false, &status, &body, &why), HTTP_ANSWER_BAD);
        assert_string_equal(error_message(why), "the answer's head does not end");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(answers_are_read_or_refused),
                cmocka_unit_test(a_whole_answer_was_not_whole_before),
                cmocka_unit_test(a_head_without_an_end_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
