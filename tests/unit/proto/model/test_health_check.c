#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "model/app.h"
#include "model/health_check.h"

static Document *module_with(const char *check) {
        CLEANUP(free) char *text = xasprintf("{\"name\":\"site\",\"health_check\":%s}", check);
        Document *module = NULL;

        assert_ok(module = document_parse(text, strlen(text), err));
        return module;
}

static void assert_refused(const char *check, const char *message) {
        CLEANUP(document_free) Document *module = module_with(check);
        CLEANUP(health_check_clear) HealthCheck read = { 0 };
        CLEANUP(free) char *whole = xasprintf("Module \"site\": health_check: %s", message);
        bool given = false;

        assert_fails(ERROR_INVALID, whole, health_check_read(module, &read, &given, err));
}

static void a_module_may_have_no_check(void **state) {
        CLEANUP(document_free) Document *module = module_with("null");
        CLEANUP(health_check_clear) HealthCheck check = { 0 };
        bool given = true;

        (void) state;
        assert_ok(health_check_read(module, &check, &given, err));
        assert_false(given);
}

static void what_is_not_said_has_a_default(void **state) {
        CLEANUP(document_free)
        Document *module = module_with("{\"type\":\"http\",\"port\":8080,\"path\":\"/up?x=1\"}");
        CLEANUP(health_check_clear) HealthCheck check = { 0 };
        bool given = false;

        (void) state;
        assert_ok(health_check_read(module, &check, &given, err));
        assert_true(given);
        assert_int_equal(check.type, HEALTH_HTTP);
        assert_false(check.on_localhost);
        assert_int_equal(check.port, 8080);
        assert_string_equal(check.path, "/up?x=1");
        assert_int_equal(check.status_first, 200);
        assert_int_equal(check.status_last, 399);
        assert_int_equal(check.attempts, 0);
        assert_int_equal(check.interval_ms, 2000);
        assert_int_equal(check.timeout_ms, 5000);
        assert_int_equal(check.deadline_ms, 60000);
}

static void everything_can_be_said(void **state) {
        CLEANUP(document_free)
        Document *module = module_with(
                "{\"type\":\"http\",\"port\":80,\"path\":\"/\",\"host\":\"localhost\",\"status\":\"204\","
                "\"retries\":3,\"interval\":1,\"timeout\":7,\"deadline\":30}");
        CLEANUP(health_check_clear) HealthCheck check = { 0 };
        bool given = false;

        (void) state;
        assert_ok(health_check_read(module, &check, &given, err));
        assert_true(check.on_localhost);
        assert_int_equal(check.status_first, 204);
        assert_int_equal(check.status_last, 204);
        assert_int_equal(check.attempts, 4); /* the first one and three more */
        assert_int_equal(check.interval_ms, 1000);
        assert_int_equal(check.timeout_ms, 7000);
        assert_int_equal(check.deadline_ms, 30000);
}

static void a_command_is_a_script(void **state) {
        CLEANUP(document_free)
        Document *module = module_with("{\"type\":\"command\",\"command\":\"IyEvYmluL3NoCnRydWUK\"}");
        CLEANUP(health_check_clear) HealthCheck check = { 0 };
        bool given = false;

        (void) state;
        assert_ok(health_check_read(module, &check, &given, err));
        assert_int_equal(check.type, HEALTH_COMMAND);
        assert_string_equal(check.command, "#!/bin/sh\ntrue\n");
        assert_refused(
                "{\"type\":\"command\",\"command\":\"not base64\"}", "command is not a script in base64");
}

static void one_try_fits_into_the_time_for_all(void **state) {
        CLEANUP(document_free)
        Document *module = module_with("{\"type\":\"tcp\",\"port\":22,\"deadline\":2}");
        CLEANUP(health_check_clear) HealthCheck check = { 0 };
        bool given = false;

        (void) state;
        assert_ok(health_check_read(module, &check, &given, err));
        assert_int_equal(check.timeout_ms, 2000);
        assert_refused(
                "{\"type\":\"tcp\",\"port\":22,\"timeout\":9,\"deadline\":3}",
                "timeout (9 s, of one try) is longer than deadline (3 s, of all)");
}

static void each_type_has_what_it_needs_and_no_more(void **state) {
        (void) state;
        assert_refused("{\"type\":\"http\",\"path\":\"/\"}", "type \"http\" needs port");
        assert_refused("{\"type\":\"http\",\"port\":80}", "type \"http\" needs path");
        assert_refused("{\"type\":\"tcp\"}", "type \"tcp\" needs port");
        assert_refused("{\"type\":\"command\"}", "type \"command\" needs command");
        assert_refused("{\"type\":\"tcp\",\"port\":22,\"path\":\"/\"}", "path is of no use to type \"tcp\"");
        assert_refused(
                "{\"type\":\"command\",\"command\":\"dHJ1ZQ==\",\"status\":\"200\"}",
                "status is of no use to type \"command\"");
        assert_refused("{\"type\":\"icmp\"}", "type \"icmp\" is none of http, tcp, command");
        assert_refused(
                "{\"type\":\"http\",\"port\":80,\"path\":\"/\",\"status\":\"300-200\"}",
                "status 300-200 ends before it begins");
}

static void an_application_with_a_bad_check_is_refused(void **state) {
        static const char text[] =
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\",\"health_check\":{\"type\":\"tcp\"}}]}";
        CLEANUP(document_free) Document *app = NULL;

        (void) state;
        assert_ok(app = document_parse(text, strlen(text), err));
        assert_fails(
                ERROR_INVALID, "Module \"a\": health_check: type \"tcp\" needs port", app_check(app, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_module_may_have_no_check),
                cmocka_unit_test(what_is_not_said_has_a_default),
                cmocka_unit_test(everything_can_be_said),
                cmocka_unit_test(a_command_is_a_script),
                cmocka_unit_test(one_try_fits_into_the_time_for_all),
                cmocka_unit_test(each_type_has_what_it_needs_and_no_more),
                cmocka_unit_test(an_application_with_a_bad_check_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
