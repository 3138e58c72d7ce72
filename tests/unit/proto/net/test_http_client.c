#include "harness/ghost_test.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "net/http_client.h"

enum { LARGE_BYTES = 3 << 20 };

typedef struct Fixture {
        ScriptedHttp *server;
        HttpClient *client;
        char *url;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        scripted_http_stop(fixture->server);
        http_client_free(fixture->client);
        free(fixture->url);
}

static Fixture start(const ScriptedReply *replies, size_t count) {
        Fixture fixture = { .server = scripted_http_start(replies, count) };

        fixture.client = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        fixture.url = xasprintf("%s/a/../b?secret=x", scripted_http_url(fixture.server));
        return fixture;
}
#define START(table) start((table), sizeof(table) / sizeof((table)[0]))

static void a_request_and_its_answer(void **state) {
        static const ScriptedReply replies[] = { { 201, .headers = "X-Test: yes\r\n", .body = "made" },
                                                 { 204, NULL } };
        static const char *const headers[] = { "X-One: 1", "X-Empty:", "Content-Type: text/plain", NULL };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(http_response_clear) HttpResponse response = { 0 }, second = { 0 };

        (void) state;
        HttpRequest request = {
                .method = "PUT", .url = fixture.url, .headers = headers, .body = "hello", .body_length = 5
        };
        assert_ok(http_client_send(fixture.client, &request, &response, err));
        assert_int_equal(response.status, 201);
        assert_string_equal(response.body, "made");
        assert_string_equal(http_response_header(&response, "x-test"), "yes");
        assert_null(http_response_header(&response, "x-tes"));

        const char *sent = scripted_http_request(fixture.server, 0);
        assert_true(text_starts_with(sent, "PUT /a/../b?secret=x HTTP/1.1\r\n"));
        assert_non_null(strstr(sent, "\r\nX-One: 1\r\n"));
        assert_non_null(strstr(sent, "\r\nX-Empty:\r\n"));
        assert_true(text_ends_with(sent, "\r\n\r\nhello"));
        assert_null(strstr(sent, "Expect"));

        assert_ok(http_client_send(
                fixture.client, &(HttpRequest){ .method = "GET", .url = fixture.url }, &second, err));
        assert_int_equal(second.status, 204);
        assert_string_equal(second.body, "");
        assert_null(strstr(scripted_http_request(fixture.server, 1), "Content-Type"));
}

static void a_redirect_is_an_answer_like_any_other(void **state) {
        static const ScriptedReply replies[] = { { 302, .headers = "Location: /elsewhere\r\n" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(http_response_clear) HttpResponse response = { 0 };

        (void) state;
        assert_ok(http_client_send(
                fixture.client, &(HttpRequest){ .method = "GET", .url = fixture.url }, &response, err));
        assert_int_equal(response.status, 302);
        assert_int_equal(scripted_http_request_count(fixture.server), 1);
}

static void check_failure(Fixture *fixture, HttpRequest request, ErrorKind kind) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        request.method = "GET";
        request.url = request.url ? request.url : fixture->url;
        assert_false(http_client_send(fixture->client, &request, &response, &error));
        assert_int_equal(error_kind(error), kind);
        assert_null(strstr(error_message(error), "secret"));
        assert_null(response.body);
}

static bool yes(void *context) {
        (void) context;
        return true;
}

static void each_fault_has_its_kind(void **state) {
        static const ScriptedReply replies[] = { { 0, NULL },
                                                 { 200, .body = "0123456789", .cut_after = 4 },
                                                 { 200, .body = "0123456789", .repeat = 1000 },
                                                 { 200, .body = "0123456789", .drip_ms = 40 },
                                                 { 200, .body = "0123456789", .drip_ms = 40 } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_failure(&fixture, (HttpRequest){ 0 }, ERROR_UNAVAILABLE);
        check_failure(&fixture, (HttpRequest){ 0 }, ERROR_UNAVAILABLE);
        check_failure(&fixture, (HttpRequest){ .max_body_bytes = 9999 }, ERROR_INVALID);
        check_failure(&fixture, (HttpRequest){ .timeout_ms = 100 }, ERROR_TIMEOUT);
        check_failure(&fixture, (HttpRequest){ .cancelled = yes }, ERROR_CANCELLED);
        check_failure(&fixture, (HttpRequest){ .url = "file:///etc/passwd" }, ERROR_INVALID);
        check_failure(&fixture, (HttpRequest){ .url = "http://127.0.0.1:1/" }, ERROR_UNAVAILABLE);
        check_failure(&fixture, (HttpRequest){ .url = "http://no-such-host.invalid/" }, ERROR_UNAVAILABLE);
}

static void nobody_is_believed_without_authorities(void **state) {
        static const ScriptedReply replies[] = { { 200 } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(free) char *url = xasprintf("https%s", scripted_http_url(fixture.server) + strlen("http"));

        (void) state;
        http_client_free(fixture.client);
        fixture.client = http_client_new(&(HttpClientOptions){ .ca_file = "/nonexistent/authorities.pem" });
        check_failure(&fixture, (HttpRequest){ .url = url }, ERROR_FORBIDDEN);
}

static bool count_and_stop(void *context, const char *bytes, size_t length) {
        size_t *seen = context;

        (void) bytes;
        *seen += length;
        return *seen < 5;
}

static void a_stream_may_be_left(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "0123456789", .drip_ms = 10 },
                                                 { 404, .body = "no such thing" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(http_response_clear) HttpResponse response = { 0 }, missing = { 0 };
        size_t seen = 0;
        HttpRequest request = { .method = "GET",
                                .url = fixture.url,
                                .timeout_ms = HTTP_NO_TIMEOUT,
                                .on_body = count_and_stop,
                                .context = &seen };

        (void) state;
        assert_ok(http_client_send(fixture.client, &request, &response, err));
        assert_true(response.stopped);
        assert_in_range(seen, 5, 9);

        assert_ok(http_client_send(fixture.client, &request, &missing, err));
        assert_int_equal(missing.status, 404);
        assert_string_equal(missing.body, "no such thing");
}

static void a_file_as_the_body(void **state) {
        static const ScriptedReply replies[] = { { 200, NULL } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(http_response_clear) HttpResponse response = { 0 }, none = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        char *folder = temp_folder();
        CLEANUP(free) char *file = xasprintf("%s/body", folder);
        HttpRequest request = { .method = "PUT", .url = fixture.url, .body_file = file, .body_length = 5 };

        (void) state;
        temp_write(folder, "body", "hello");
        assert_ok(http_client_send(fixture.client, &request, &response, err));
        const char *sent = scripted_http_request(fixture.server, 0);
        assert_true(text_starts_with(sent, "PUT /a/../b?secret=x HTTP/1.1\r\n"));
        assert_non_null(strstr(sent, "\r\nContent-Length: 5\r\n"));
        assert_null(strstr(sent, "Transfer-Encoding"));
        assert_null(strstr(sent, "Expect"));
        assert_true(text_ends_with(sent, "\r\n\r\nhello"));

        /* A large one is sent when the server has not refused it within a second. */
        CLEANUP(http_response_clear) HttpResponse large = { 0 };
        CLEANUP(free) char *megabytes = xcalloc(1, LARGE_BYTES + 1);
        memset(megabytes, 'x', LARGE_BYTES);
        temp_write(folder, "body", megabytes);
        request.body_length = LARGE_BYTES;
        assert_ok(http_client_send(fixture.client, &request, &large, err));
        assert_non_null(strstr(scripted_http_request(fixture.server, 1), "\r\nExpect: 100-continue\r\n"));
        assert_int_equal(
                strlen(strstr(scripted_http_request(fixture.server, 1), "\r\n\r\n")), LARGE_BYTES + 4);

        /* One that has become shorter is not sent as if it were whole. */
        temp_write(folder, "body", "hello");
        request.body_length = 50;
        assert_false(http_client_send(fixture.client, &request, &none, &error));
        assert_int_equal(error_kind(error), ERROR_INTERNAL);
        assert_int_equal(scripted_http_request_count(fixture.server), 2);

        request.body_file = "/nonexistent/file";
        error_free(TAKE(error));
        assert_false(http_client_send(fixture.client, &request, &none, &error));
        assert_int_equal(error_kind(error), ERROR_INTERNAL);
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_request_and_its_answer),
                cmocka_unit_test(a_redirect_is_an_answer_like_any_other),
                cmocka_unit_test(each_fault_has_its_kind),
                cmocka_unit_test(nobody_is_believed_without_authorities),
                cmocka_unit_test(a_stream_may_be_left),
                cmocka_unit_test(a_file_as_the_body),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
