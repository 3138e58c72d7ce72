/* The script is run with tools that only say how they were called. */
#include "harness/provision_case.h"

static void add_tool(const char *folder, const char *name) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);
        CLEANUP(free) char *script = xasprintf("#!/bin/sh\necho %s \"$@\"\n", name);

        assert_ok(file_write_atomic(path, script, strlen(script), 0755, err));
}

static char *run_with(const ProvisionScript *script, const char *tools) {
        return provision_case_run(script->content, script->length, &script->environment, tools);
}

static void apt_is_told_the_version(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(free) char *any = NULL, *exact = NULL;
        char *tools = temp_folder();
        const ImageFeature features[] = { { .name = "nginx" },
                                          { .name = "redis-server", .version = "5:7.0.15-1~deb12u1" } };

        provision_case_begin(&test);
        add_tool(tools, "apt-get");
        assert_ok(provision_case_add(&test, &provisioner_package, features, 2, err));
        assert_string_equal(test.scripts.items[0].name, "package nginx");
        any = run_with(&test.scripts.items[0], tools);
        assert_string_equal(
                any, "apt-get -q -o DPkg::Lock::Timeout=300 update\n"
                     "apt-get -qy -o DPkg::Lock::Timeout=300 install nginx\n");
        exact = run_with(&test.scripts.items[1], tools);
        assert_string_equal(
                exact, "apt-get -q -o DPkg::Lock::Timeout=300 update\n"
                       "apt-get -qy -o DPkg::Lock::Timeout=300 install redis-server=5:7.0.15-1~deb12u1\n");
        temp_remove(tools);
}

static void what_looks_like_an_option_is_refused(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        const ImageFeature feature = { .name = "--allow-unauthenticated" };

        provision_case_begin(&test);
        assert_fails(
                ERROR_INVALID, "feature name '--allow-unauthenticated' is no package's",
                provision_case_add(&test, &provisioner_package, &feature, 1, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(apt_is_told_the_version),
                cmocka_unit_test(what_looks_like_an_option_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
