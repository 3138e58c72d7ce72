#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"

#include "jobs/steps/host_name.h"

static char *name_of(const char *tags, const char *private_ip) {
        CLEANUP(free)
        char *text = xasprintf(
                "{\"name\":\"shop\",\"env\":\"prod\",\"role\":\"web_front\","
                "\"environment_infos\":{\"instance_tags\":[%s]}}",
                tags);
        CLEANUP(document_free) Document *app = NULL;

        assert_ok(app = document_parse(text, strlen(text), err));
        return host_name_make(app, private_ip);
}

static void assert_name(const char *tags, const char *private_ip, const char *wanted) {
        CLEANUP(free) char *name = name_of(tags, private_ip);

        assert_string_equal(name, wanted);
}

static void the_name_that_instances_have_by_default(void **state) {
        (void) state;
        assert_name("", "10.0.0.7", "ec2-prod-web-front-shop-10-0-0-7");
        assert_name(
                "{\"tag_name\":\"Owner\",\"tag_value\":\"me\"}", "10.0.0.7",
                "ec2-prod-web-front-shop-10-0-0-7");
}

static void the_tag_of_the_application_counts(void **state) {
        (void) state;
        assert_name("{\"tag_name\":\"Name\",\"tag_value\":\"Shop.1\"}", "10.0.0.7", "Shop-1-10-0-0-7");
}

static void nothing_but_what_a_host_name_may_have(void **state) {
        (void) state;
        assert_name(
                "{\"tag_name\":\"Name\",\"tag_value\":\"_a b;$(c)/\\u00e9\"}", "10.0.0.7",
                "a-b---c-----10-0-0-7");
        assert_name("{\"tag_name\":\"Name\",\"tag_value\":\"...\"}", "10.0.0.7", "10-0-0-7");
        assert_name("{\"tag_name\":\"Name\",\"tag_value\":\"\"}", "10.0.0.7", "10-0-0-7");
}

static void the_address_always_fits(void **state) {
        CLEANUP(free)
        char *name =
                name_of("{\"tag_name\":\"Name\",\"tag_value\":\""
                        "0123456789012345678901234567890123456789012345678901234567890123456789\"}",
                        "100.100.100.100");

        (void) state;
        assert_string_equal(name, "012345678901234567890123456789012345678901234567-100-100-100-100");
        assert_int_equal(strlen(name), 64);
}

static void without_an_address_there_is_none(void **state) {
        (void) state;
        assert_name("", "", "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_name_that_instances_have_by_default),
                cmocka_unit_test(the_tag_of_the_application_counts),
                cmocka_unit_test(nothing_but_what_a_host_name_may_have),
                cmocka_unit_test(the_address_always_fits),
                cmocka_unit_test(without_an_address_there_is_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
