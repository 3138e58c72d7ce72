#include "harness/captured_output.h"
#include "harness/ghost_test.h"
#include "harness/scripted_http.h"

#include <string.h>

#include "completion.h"

static char *quoted(const char *text, const char *escape) {
        char *result = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&result, &length);

        completion_quote(text, escape, out);
        assert_int_equal(fclose(out), 0);
        return result;
}

static void shells_get_a_text_as_it_is(void **state) {
        CLEANUP(free) char *plain = quoted("a's $(b) \"c\"", "");
        CLEANUP(free) char *escaped = quoted("a[b]", "[]");

        (void) state;
        assert_string_equal(plain, "'a'\\''s $(b) \"c\"'");
        assert_string_equal(escaped, "'a\\[b\\]'");
}

static char *names(const char *word, const char *answer, const char *request) {
        const ScriptedReply replies[] = { { .status = 200, .body = answer } };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        Profile profile = { .endpoint = (char *) scripted_http_url(server), .token = (char *) "t" };
        CLEANUP(client_free) Client *client = client_new(&profile);
        CapturedOutput captured = captured_output_start();

        assert_ok(completion_print_names(client, word, err));
        char *output = captured_output_end(&captured);
        assert_int_equal(scripted_http_request_count(server), request ? 1 : 0);
        if (request)
                assert_non_null(strstr(scripted_http_request(server, 0), request));
        return output;
}

static void names_come_from_the_controller(void **state) {
        CLEANUP(free)
        char *apps = names(
                "APP",
                "{\"_items\":[{\"name\":\"a\",\"env\":\"e\",\"role\":\"r\"},{\"name\":\"b\",\"env\":\"e\","
                "\"role\":\"r\"}]}",
                "GET /apps?");
        CLEANUP(free) char *jobs = names("JOB", "{\"_items\":[{\"_id\":\"1\"}]}", "GET /jobs?");
        CLEANUP(free) char *none = names("FILE", "{}", NULL);

        (void) state;
        assert_string_equal(apps, "a/e/r\nb/e/r\n");
        assert_string_equal(jobs, "1\n");
        assert_string_equal(none, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(shells_get_a_text_as_it_is),
                cmocka_unit_test(names_come_from_the_controller),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
