#include "harness/ghost_test.h"
#include "harness/scripted_http.h"

#include <string.h>

#include "base/memory.h"
#include "client.h"

#define SERVED(replies)                                                                                      \
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =                                 \
                scripted_http_start_table(replies);                                                          \
        Profile profile = { .endpoint = (char *) scripted_http_url(server), .token = (char *) "t" };         \
        CLEANUP(client_free) Client *client = client_new(&profile)

static void a_refusal_says_why_field_by_field(void **state) {
        static const ScriptedReply replies[] = {
                { .status = 422,
                  .body = "{\"_status\":\"ERR\",\"_error\":{\"code\":422,\"message\":\"Insertion failure\"},"
                          "\"_issues\":{\"name\":\"required "
                          "field\",\"modules\":{\"0\":{\"path\":[\"a\",\"b\"]}}}}" },
                { .status = 412 },
                { .status = 502, .body = "<html>" },
        };
        SERVED(replies);

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "[422] Insertion failure\n  name: required field\n  modules.0.path: a\n  modules.0.path: b",
                client_get(client, "/x", NULL, err));
        assert_fails(
                ERROR_CONFLICT, "[412] it was changed by someone else meanwhile; look at it again",
                client_get(client, "/x", NULL, err));
        assert_fails(ERROR_UNAVAILABLE, "[502] no reason given", client_get(client, "/x", NULL, err));
}

static void a_word_stays_one_segment(void **state) {
        CLEANUP(free) char *path = client_path("/users/", "a/../b?c#d e");

        (void) state;
        assert_string_equal(path, "/users/a%2F..%2Fb%3Fc%23d%20e");
}

static void requests_carry_login_etag_and_body(void **state) {
        static const ScriptedReply replies[] = { { .status = 200, .body = "{\"a\":1}" } };
        SERVED(replies);
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(document_free) Document *answer = NULL;

        (void) state;
        document_set_int(body, "b", 2);
        assert_ok(client_call(client, "PATCH", "/apps/1", body, "etag1", &answer, err));
        assert_int_equal(document_get_int(answer, "a"), 1);
        const char *request = scripted_http_request(server, 0);
        assert_non_null(strstr(request, "PATCH /apps/1 "));
        assert_non_null(strstr(request, "Authorization: Bearer t\r\n"));
        assert_non_null(strstr(request, "If-Match: etag1\r\n"));
        assert_non_null(strstr(request, "{\"b\":2}"));
}

static char *find(const char *word, const char *answer, const char *message, char **ret_request) {
        const ScriptedReply replies[] = { { .status = 200, .body = answer } };
        SERVED(replies);
        CLEANUP(error_free) Error *why = NULL;
        char *id = client_find_app(client, word, &why);

        assert_string_equal(why ? error_message(why) : "", message);
        *ret_request =
                scripted_http_request_count(server) ? xstrdup(scripted_http_request(server, 0)) : xstrdup("");
        return id;
}

static void applications_are_found_by_their_place(void **state) {
        CLEANUP(free) char *request = NULL;
        CLEANUP(free) char *second = NULL;
        CLEANUP(free) char *third = NULL;
        CLEANUP(free) char *id = find("shop/dev/web", "{\"_items\":[{\"_id\":\"i1\"}]}", "", &request);

        (void) state;
        assert_string_equal(id, "i1");
        assert_non_null(strstr(request, "%22name%22%3A%22shop%22"));
        assert_null(find("shop/dev/web", "{\"_items\":[]}", "no application 'shop/dev/web'", &second));
        assert_null(
                find("shop/dev/web", "{\"_items\":[{},{}]}",
                     "'shop/dev/web' has two colours: add /blue or /green", &third));
}

static void an_id_is_taken_as_it_is(void **state) {
        CLEANUP(free) char *request = NULL;
        CLEANUP(free) char *other = NULL;
        CLEANUP(free) char *id = find("0123456789abcdef01234567", "{}", "", &request);

        (void) state;
        assert_string_equal(id, "0123456789abcdef01234567");
        assert_string_equal(request, "");
        assert_null(find("shop", "{}", "'shop' is neither an application's id nor NAME/ENV/ROLE", &other));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_refusal_says_why_field_by_field),
                cmocka_unit_test(a_word_stays_one_segment),
                cmocka_unit_test(requests_carry_login_etag_and_body),
                cmocka_unit_test(applications_are_found_by_their_place),
                cmocka_unit_test(an_id_is_taken_as_it_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
