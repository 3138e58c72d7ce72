#include "harness/json_text.h"

#include "webhooks/payload.h"

static void what_must_be_there_is_named_when_it_is_not(void **state) {
        static const char *const names[] = { "url", "ssh", NULL };
        CLEANUP(document_free)
        Document *payload = json_of("{'a':{'url':7,'ssh':'s'},'b':'','c':'x','a.b':{}}");
        CLEANUP(string_list_clear) StringList urls = { 0 };
        const Document *object = NULL;

        (void) state;
        assert_ok(object = payload_object(payload, "a", err));
        assert_ok(payload_add_urls(object, names, &urls, err));
        assert_int_equal(urls.count, 1);
        assert_ok(payload_object(payload, "a.b", err)); /* a name is no path */
        assert_string_equal(payload_string(payload, "c", NULL), "x");
        assert_fails(ERROR_INVALID, "'c'", payload_object(payload, "c", err));
        assert_fails(ERROR_INVALID, "'a'", payload_string(payload, "a", err));
        assert_fails(ERROR_INVALID, "'b'", payload_string(payload, "b", err));
        assert_fails(ERROR_INVALID, "'d'", payload_string(payload, "d", err));
        assert_fails(ERROR_INVALID, "'url'", payload_add_urls(payload, names, &urls, err));
}

static void zeros_are_no_commit(void **state) {
        (void) state;
        assert_true(payload_is_no_commit("0000000000000000000000000000000000000000"));
        assert_true(payload_is_no_commit("0000000000000000000000000000000000000000000000000000000000000000"));
        assert_false(payload_is_no_commit("0000000000000000000000000000000000000001"));
        assert_false(payload_is_no_commit("0"));
        assert_false(payload_is_no_commit(""));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_must_be_there_is_named_when_it_is_not),
                cmocka_unit_test(zeros_are_no_commit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
