#include "harness/ghost_test.h"

#include <string.h>

#include "api/embedded_answer.h"
#include "base/memory.h"

/* "hello\n", by gzip -9n. */
static const unsigned char packed[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                        0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00,
                                        0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00 };
static const EmbeddedFile files[] = {
        { "page.html", "text/html", "e7a9", packed, sizeof(packed), 6 },
        { "broken", "text/plain", "e7aa", packed, sizeof(packed), 5 },
        { 0 },
};
static const EmbeddedHeaders headers = { "no-cache", "default-src 'none'" };

/* The file's answer to a request with that header; NULL: without one. */
static Response answer(const char *name, const char *header, const char *value) {
        Request request = { .method = xstrdup("GET") };
        Response response;

        if (header)
                pairs_take(&request.headers, xstrdup(header), xstrdup(value));
        response_init(&response);
        assert_ok(embedded_answer(&request, &response, embedded_file_find(files, name), &headers, err));
        request_clear(&request);
        return response;
}

static void files_are_found_by_their_whole_name(void **state) {
        (void) state;
        assert_ptr_equal(embedded_file_find(files, "page.html"), &files[0]);
        assert_null(embedded_file_find(files, "page"));
        assert_null(embedded_file_find(files, ""));
}

static void who_takes_gzip_gets_it(void **state) {
        Response response = answer("page.html", "Accept-Encoding", "br, gzip");

        (void) state;
        assert_int_equal(response.status, 200);
        assert_string_equal(pairs_find(&response.headers, "Content-Encoding"), "gzip");
        assert_int_equal(response.text.length, sizeof(packed));
        assert_memory_equal(response.text.data, packed, sizeof(packed));
        response_clear(&response);
}

static void others_get_the_text(void **state) {
        static const char *const accepted[] = { NULL, "br", "gzip;q=0" };

        (void) state;
        for (size_t i = 0; i < 3; i++) {
                Response response = answer("page.html", accepted[i] ? "Accept-Encoding" : NULL, accepted[i]);

                assert_string_equal(response.text.data, "hello\n");
                assert_null(pairs_find(&response.headers, "Content-Encoding"));
                assert_string_equal(pairs_find(&response.headers, "Vary"), "Accept-Encoding");
                response_clear(&response);
        }
}

static void what_is_known_is_not_sent_again(void **state) {
        Response response = answer("page.html", "If-None-Match", "\"e7a9\"");

        (void) state;
        assert_int_equal(response.status, 304);
        assert_int_equal(response.text.length, 0);
        assert_string_equal(pairs_find(&response.headers, "ETag"), "\"e7a9\"");
        response_clear(&response);
}

static void every_answer_has_its_policy(void **state) {
        Response response = answer("page.html", NULL, NULL);

        (void) state;
        assert_string_equal(pairs_find(&response.headers, "Content-Security-Policy"), "default-src 'none'");
        assert_string_equal(pairs_find(&response.headers, "Cache-Control"), "no-cache");
        assert_string_equal(pairs_find(&response.headers, "X-Content-Type-Options"), "nosniff");
        response_clear(&response);
}

static void a_damaged_file_is_not_served(void **state) {
        Request request = { .method = xstrdup("GET") };
        Response response;

        (void) state;
        response_init(&response);
        assert_fails(
                ERROR_INTERNAL, "broken is damaged in this program",
                embedded_answer(&request, &response, embedded_file_find(files, "broken"), &headers, err));
        response_clear(&response);
        request_clear(&request);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_found_by_their_whole_name),
                cmocka_unit_test(who_takes_gzip_gets_it),
                cmocka_unit_test(others_get_the_text),
                cmocka_unit_test(what_is_known_is_not_sent_again),
                cmocka_unit_test(every_answer_has_its_policy),
                cmocka_unit_test(a_damaged_file_is_not_served),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
