#include "harness/captured_output.h"
#include "harness/ghost_test.h"
#include "harness/scripted_http.h"
#include "harness/text_assertions.h"

#include <string.h>

#include "list_query.h"
#include "net/url.h"

static const CliOption options[] = { LIST_OPTIONS, APP_FILTER_OPTIONS, { NULL } };
static const Column columns[] = { { "ID", "_id", NULL }, { "Name", "app.name", NULL }, { NULL } };

typedef struct Shown {
        char *output;
        char *requests[2]; /* first lines, decoded */
} Shown;

static void shown_clear(Shown *shown) {
        free(shown->output);
        free(shown->requests[0]);
        free(shown->requests[1]);
}

static char *first_line(ScriptedHttp *server, size_t index) {
        const char *request;

        if (index >= scripted_http_request_count(server))
                return NULL;
        request = scripted_http_request(server, index);
        return url_decode(request, strcspn(request, "\r"), NULL);
}

static Shown list(const ScriptedReply *replies, size_t count, int argc, char **argv) {
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start(replies, count);
        Profile profile = { .endpoint = (char *) scripted_http_url(server), .token = (char *) "t" };
        CLEANUP(client_free) Client *client = client_new(&profile);
        CLEANUP(arguments_clear) Arguments arguments = { 0 };
        CLEANUP(document_free) Document *where = document_object();
        CliContext context = { .client = client };
        const ListSpec spec = {
                .path = "/jobs", .what = "jobs", .where = where, .sort = "-_updated", .columns = columns
        };
        Shown shown = { 0 };

        assert_ok(arguments_parse(options, argc, argv, &arguments, err));
        CapturedOutput captured = captured_output_start();
        assert_ok(list_filter_apps(&context, &arguments, "application", where, err));
        assert_ok(list_run(&context, &arguments, &spec, err));
        shown.output = captured_output_end(&captured);
        shown.requests[0] = first_line(server, 0);
        shown.requests[1] = first_line(server, 1);
        return shown;
}

static void the_heading_is_caspers(void **state) {
        static const ScriptedReply all[] = {
                { .status = 200,
                  .body = "{\"_items\":[{\"_id\":\"1\",\"app\":null}],\"_meta\":{\"page\":1,\"max_results\":"
                          "10,"
                          "\"total\":1}}" },
        };
        static const ScriptedReply some[] = {
                { .status = 200,
                  .body = "{\"_items\":[{\"_id\":\"1\",\"app\":{\"name\":\"a\"}}],\"_meta\":{\"page\":2,"
                          "\"max_results\":1,\"total\":3}}" },
        };
        char *page[] = { (char *) "x", (char *) "-n", (char *) "1", (char *) "--page=2", NULL };
        __attribute__((cleanup(shown_clear))) Shown first = list(all, 1, 1, page);
        __attribute__((cleanup(shown_clear))) Shown second = list(some, 1, 4, page);

        (void) state;
        assert_string_equal(first.output, "Showing all the 1 jobs\nID    Name\n----  ------\n1\n");
        assert_has(first.requests[0], "GET /jobs?where={}&max_results=10&page=1&sort=-_updated ");
        assert_string_equal(
                second.output, "Showing 1 on 3 jobs - Page 2\nID    Name\n----  ------\n1     a\n");
        assert_has(second.requests[0], "max_results=1&page=2&");
}

static void json_is_the_items_alone(void **state) {
        static const ScriptedReply replies[] = {
                { .status = 200,
                  .body = "{\"_items\":[{\"_id\":\"1\",\"_links\":{},\"_version\":2}],\"_meta\":{}}" },
        };
        char *words[] = { (char *) "x", (char *) "--format=json", NULL };
        __attribute__((cleanup(shown_clear))) Shown shown = list(replies, 1, 2, words);
        CLEANUP(document_free) Document *items = NULL;

        (void) state;
        assert_ok((items = document_parse(shown.output, strlen(shown.output), err)) != NULL);
        CLEANUP(free) char *text = document_text(items);
        assert_string_equal(text, "[{\"_id\":\"1\"}]");
}

static void applications_are_looked_up_first(void **state) {
        static const ScriptedReply replies[] = {
                { .status = 200,
                  .body = "{\"_items\":[{\"_id\":\"a1\"},{\"_id\":\"a2\"}],\"_meta\":{\"total\":2}}" },
                { .status = 200, .body = "{\"_items\":[],\"_meta\":{}}" },
        };
        static const ScriptedReply nothing[] = { { .status = 200, .body = "{\"_items\":[],\"_meta\":{}}" } };
        char *words[] = { (char *) "x", (char *) "--application", (char *) "^sh", (char *) "--env=dev",
                          NULL };
        __attribute__((cleanup(shown_clear))) Shown found = list(replies, 2, 4, words);
        __attribute__((cleanup(shown_clear))) Shown none = list(nothing, 1, 4, words);

        (void) state;
        assert_has(found.requests[0], "where={\"name\":{\"$regex\":\"^sh\"},\"env\":\"dev\"}");
        assert_has(found.requests[1], "where={\"$or\":[{\"app_id\":\"a1\"},{\"app_id\":\"a2\"}]}");
        assert_has(none.requests[1], "where={\"$or\":[{\"app_id\":\"null\"}]}");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_heading_is_caspers),
                cmocka_unit_test(json_is_the_items_alone),
                cmocka_unit_test(applications_are_looked_up_first),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
