#include "harness/ghost_test.h"

#include <string.h>

#include "api/projection.h"
#include "base/memory.h"

static Document *json(const char *text) {
        Document *document = NULL;

        assert_ok(document = document_parse(text, strlen(text), err));
        return document;
}

static void assert_projected(const char *projection, const char *input, const char *expected) {
        CLEANUP(document_free) Document *wanted = NULL;
        CLEANUP(document_free) Document *document = json(input);

        assert_ok(projection_parse(projection, &wanted, err));
        CLEANUP(document_free) Document *result = projection_apply(wanted, document);
        CLEANUP(free) char *text = document_canonical(result);
        assert_string_equal(text, expected);
}

static const char app[] =
        "{\"_id\":\"1\",\"env\":\"dev\",\"name\":\"shop\",\"autoscale\":{\"min\":1,\"max\":2},"
        "\"modules\":[{\"name\":\"a\",\"path\":\"/a\"},{\"name\":\"b\",\"_x\":1}]}";

static void only_what_is_named_comes_with_the_bookkeeping(void **state) {
        (void) state;
        assert_projected("{\"env\":1}", app, "{\"_id\":\"1\",\"env\":\"dev\"}");
        assert_projected("{\"env\":true,\"name\":0}", app, "{\"_id\":\"1\",\"env\":\"dev\"}");
        assert_projected(
                "{\"modules.name\":1,\"autoscale.max\":1}", app,
                "{\"_id\":\"1\",\"autoscale\":{\"max\":2},\"modules\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
        assert_projected("{\"none\":1}", app, "{\"_id\":\"1\"}");
}

static void what_is_named_with_0_stays_out(void **state) {
        (void) state;
        assert_projected(
                "{\"modules\":0,\"autoscale.min\":0,\"_id\":0}", app,
                "{\"_id\":\"1\",\"autoscale\":{\"max\":2},\"env\":\"dev\",\"name\":\"shop\"}");
        assert_projected(
                "{\"modules.name\":0,\"autoscale\":0,\"env\":0,\"name\":0}", app,
                "{\"_id\":\"1\",\"modules\":[{\"path\":\"/a\"},{\"_x\":1}]}");
}

static void nothing_said_is_everything(void **state) {
        (void) state;
        assert_projected(NULL, "{\"a\":1}", "{\"a\":1}");
        assert_projected("", "{\"a\":1}", "{\"a\":1}");
        assert_projected("{}", "{\"a\":1}", "{\"a\":1}");
}

static void what_is_no_projection_is_refused(void **state) {
        static const char *const bad[] = { "env",          "[\"env\"]", "{\"env\":2}", "{\"env\":\"1\"}",
                                           "{\"env\":{}}", "1" };

        (void) state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                CLEANUP(document_free) Document *wanted = NULL;

                assert_fails(
                        ERROR_INVALID,
                        "projection: must be an object of fields, each 1 (only these) or 0 (all but these)",
                        projection_parse(bad[i], &wanted, err));
                assert_null(wanted);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_what_is_named_comes_with_the_bookkeeping),
                cmocka_unit_test(what_is_named_with_0_stays_out),
                cmocka_unit_test(nothing_said_is_everything),
                cmocka_unit_test(what_is_no_projection_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
