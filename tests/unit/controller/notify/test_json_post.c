#include "harness/ghost_test.h"

#include "base/memory.h"
#include "harness/scripted_http.h"
#include "harness/text_assertions.h"
#include "notify/json_post.h"

enum { PATIENT_MS = 30000 };

/* True: taken; else the kind and message of the failure. */
static bool post_to(const char *url, int64_t timeout_ms, ErrorKind *ret_kind, char **ret_message) {
        CLEANUP(http_client_free)
        HttpClient *client = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        CLEANUP(error_free) Error *why = NULL;
        const Notice notice = { .timeout_ms = timeout_ms };
        const char *const headers[] = { "X-Test: yes", NULL };

        if (json_post(client, url, headers, "{}", &notice, &why))
                return true;
        *ret_kind = error_kind(why);
        *ret_message = xstrdup(error_message(why));
        return false;
}

static void assert_answer(const ScriptedReply *reply, bool taken, ErrorKind kind, const char *words) {
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start(reply, 1);
        CLEANUP(free) char *url = xasprintf("%s/services/T0/secret?key=secret", scripted_http_url(server));
        CLEANUP(free) char *message = NULL;
        ErrorKind found = ERROR_INTERNAL;

        /* Short only where waiting is what is asked for. */
        bool answers = reply->status > 0 && !reply->drip_ms;
        assert_int_equal(post_to(url, answers ? PATIENT_MS : 300, &found, &message), taken);
        if (taken)
                return;
        assert_int_equal(found, kind);
        assert_has(message, words);
        assert_has_not(message, "secret");
}

static void an_answer_says_whether_trying_again_helps(void **state) {
        static const struct {
                int status;
                bool taken;
                ErrorKind kind;
        } rows[] = {
                { 200, true, 0 },
                { 204, true, 0 },
                { 302, false, ERROR_UNAVAILABLE },
                { 400, false, ERROR_INVALID },
                { 404, false, ERROR_INVALID },
                { 408, false, ERROR_UNAVAILABLE },
                { 410, false, ERROR_INVALID },
                { 429, false, ERROR_UNAVAILABLE },
                { 500, false, ERROR_UNAVAILABLE },
                { 503, false, ERROR_UNAVAILABLE },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const ScriptedReply reply = { rows[i].status,
                                              .headers = "Location: http://127.0.0.1:1/\r\n" };
                CLEANUP(free) char *words = xasprintf(": HTTP %d", rows[i].status);

                assert_answer(&reply, rows[i].taken, rows[i].kind, words);
        }
}

static void no_failure_tells_the_url(void **state) {
        CLEANUP(free) char *message = NULL, *other = NULL;
        ErrorKind kind = ERROR_INTERNAL;

        (void) state;
        assert_answer(&(ScriptedReply){ 0 }, false, ERROR_UNAVAILABLE, "127.0.0.1:");
        assert_answer(
                &(ScriptedReply){ 500, .body = "x", .drip_ms = 5000 }, false, ERROR_UNAVAILABLE, "HTTP 500");
        assert_false(post_to("http://127.0.0.1:1/secret", PATIENT_MS, &kind, &message));
        assert_int_equal(kind, ERROR_UNAVAILABLE);
        assert_has_not(message, "secret");
        assert_false(post_to("gopher://127.0.0.1/secret", PATIENT_MS, &kind, &other));
        assert_int_equal(kind, ERROR_INVALID);
        assert_has_not(other, "secret");
}

static void a_receiver_that_talks_without_end_has_taken_it(void **state) {
        (void) state;
        assert_answer(&(ScriptedReply){ 200, .body = "0123456789", .repeat = 10000000 }, true, 0, "");
}

static void what_is_posted_is_json(void **state) {
        static const ScriptedReply reply = { 200, NULL };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start(&reply, 1);
        CLEANUP(free) char *message = NULL;
        ErrorKind kind;

        (void) state;
        assert_true(post_to(scripted_http_url(server), PATIENT_MS, &kind, &message));
        const char *sent = scripted_http_request(server, 0);
        assert_has(sent, "POST / HTTP/1.1\r\n");
        assert_has(sent, "\r\nContent-Type: application/json\r\n");
        assert_has(sent, "\r\nX-Test: yes\r\n");
        assert_has(sent, "\r\n\r\n{}");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_answer_says_whether_trying_again_helps),
                cmocka_unit_test(no_failure_tells_the_url),
                cmocka_unit_test(a_receiver_that_talks_without_end_has_taken_it),
                cmocka_unit_test(what_is_posted_is_json),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
