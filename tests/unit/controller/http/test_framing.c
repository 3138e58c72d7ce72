#include "http/framing.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "harness/ghost_test.h"

/* "Name: value" lines. */
static Pairs headers_of(const char *text) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        Pairs headers = { 0 };

        text_split(text, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                const char *colon = strchr(lines.items[i], ':');
                if (colon)
                        pairs_take(
                                &headers, xstrndup(lines.items[i], (size_t) (colon - lines.items[i])),
                                xstrdup(colon + 2));
        }
        return headers;
}

static void assert_framing(const char *text, const char *version, const char *fault) {
        Pairs headers = headers_of(text);

        if (fault)
                assert_fails(ERROR_INVALID, fault, framing_check(&headers, version, err));
        else
                assert_ok(framing_check(&headers, version, err));
        pairs_clear(&headers);
}

static void plain_requests_are_let_through(void **state) {
        (void) state;
        assert_framing("Host: x", "HTTP/1.1", NULL);
        assert_framing("host: x\ncontent-length: 3\nX-A: b c", "HTTP/1.1", NULL);
        assert_framing("HOST: x\nTransfer-Encoding: Chunked", "HTTP/1.1", NULL);
        assert_framing("", "HTTP/1.0", NULL);
}

static void doubtful_ends_are_refused(void **state) {
        const char *twice = "the length of the body is given twice";
        const char *encoding = "a Transfer-Encoding other than chunked";

        (void) state;
        assert_framing("Host: x\nContent-Length: 3\ncontent-length: 3", "HTTP/1.1", twice);
        assert_framing("Host: x\nContent-Length: 3\nTransfer-Encoding: chunked", "HTTP/1.1", twice);
        assert_framing("Host: x\nTransfer-Encoding: gzip", "HTTP/1.1", encoding);
        assert_framing("Host: x\nTransfer-Encoding: gzip, chunked", "HTTP/1.1", encoding);
        assert_framing(
                "Host: x\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked", "HTTP/1.1", encoding);
        assert_framing("Host: x\nContent-Length : 3", "HTTP/1.1", "a header's name holds a blank");
        assert_framing("X: y", "HTTP/1.1", "one Host header is needed");
        assert_framing("Host: x\nHost: y", "HTTP/1.0", "one Host header is needed");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(plain_requests_are_let_through),
                cmocka_unit_test(doubtful_ends_are_refused),
        };
        return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}
