#include "harness/ghost_test.h"

#include <string.h>

#include "jobs/steps/module_health.h"

static Document *app(void) {
        static const char text[] =
                "{\"modules\":[{\"name\":\"plain\"},"
                "{\"name\":\"site\",\"health_check\":{\"type\":\"http\",\"port\":8080,\"path\":\"/up\","
                "\"status\":\"200-204\",\"retries\":4,\"deadline\":30}},"
                "{\"name\":\"worker\",\"health_check\":{\"type\":\"command\",\"command\":\"dHJ1ZQ==\"}}]}";
        Document *document = NULL;

        assert_ok(document = document_parse(text, strlen(text), err));
        return document;
}

static void the_order_says_what_the_application_says(void **state) {
        CLEANUP(document_free) Document *document = app();
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };
        Ghost__HealthCheck *check = module_health_fill(document, "site", &health);

        (void) state;
        assert_non_null(check);
        assert_int_equal(check->kind, GHOST__HEALTH_KIND__HEALTH_KIND_HTTP);
        assert_string_equal(check->host, "");
        assert_int_equal(check->port, 8080);
        assert_string_equal(check->path, "/up");
        assert_int_equal(check->status_first, 200);
        assert_int_equal(check->status_last, 204);
        assert_int_equal(check->attempts, 5);
        assert_int_equal(check->interval_ms, 2000);
        assert_int_equal(check->timeout_ms, 5000);
        assert_int_equal(check->deadline_ms, 30000);
}

static void a_command_goes_along_decoded(void **state) {
        CLEANUP(document_free) Document *document = app();
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };
        Ghost__HealthCheck *check = module_health_fill(document, "worker", &health);

        (void) state;
        assert_non_null(check);
        assert_int_equal(check->kind, GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND);
        assert_int_equal(check->command.len, 4);
        assert_memory_equal(check->command.data, "true", 4);
}

static void without_a_check_there_is_none_in_the_order(void **state) {
        CLEANUP(document_free) Document *document = app();
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };

        (void) state;
        assert_null(module_health_fill(document, "plain", &health));
        assert_null(module_health_fill(document, "unknown", &health));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_order_says_what_the_application_says),
                cmocka_unit_test(a_command_goes_along_decoded),
                cmocka_unit_test(without_a_check_there_is_none_in_the_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
