#include "harness/provision_case.h"

static void parameters_become_variables(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(document_free) Document *parameters = document_object();
        CLEANUP(string_list_clear) StringList environment = { 0 };

        provision_case_begin(&test);
        string_list_add(&environment, "GHOST_APP=shop");
        test.content.environment = &environment;
        provision_case_write(&test, "nginx.sh", "#!/bin/sh\necho here\n");
        document_set_int(parameters, "listen-port", 80);
        document_set_string(parameters, "mode", "fast & $loose");
        const ImageFeature feature = { .name = "nginx", .version = "1.2", .parameters = parameters };
        assert_ok(provision_case_add(&test, &provisioner_shell, &feature, 1, err));

        assert_int_equal(test.scripts.count, 1);
        const ProvisionScript *script = &test.scripts.items[0];
        assert_string_equal(script->name, "feature nginx");
        assert_string_equal(script->content, "#!/bin/sh\necho here\n");
        provision_case_assert_variable(script, "GHOST_APP=shop");
        provision_case_assert_variable(script, "GHOST_FEATURE_NAME=nginx");
        provision_case_assert_variable(script, "GHOST_FEATURE_VERSION=1.2");
        provision_case_assert_variable(script, "GHOST_FEATURE_LISTEN_PORT=80");
        provision_case_assert_variable(script, "GHOST_FEATURE_MODE=fast & $loose");
}

static void the_repository_comes_before_the_folder(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        char *folder = temp_folder();
        const ImageFeature features[] = { { .name = "both" }, { .name = "mine" } }, none = { .name = "none" };
        CLEANUP(free)
        char *missing = xasprintf("feature none: there is no none.sh in shell or in %s", folder);

        provision_case_begin(&test);
        test.settings.shell_dir = folder;
        provision_case_write(&test, "both.sh", "repository");
        temp_write(folder, "both.sh", "folder");
        temp_write(folder, "mine.sh", "mine");
        assert_ok(provision_case_add(&test, &provisioner_shell, features, 2, err));
        assert_string_equal(test.scripts.items[0].content, "repository");
        assert_string_equal(test.scripts.items[1].content, "mine");
        assert_fails(ERROR_NOT_FOUND, missing, provision_case_add(&test, &provisioner_shell, &none, 1, err));

        test.settings.shell = (FeatureRepository){ 0 };
        test.check_outs = 0;
        assert_ok(provision_case_add(&test, &provisioner_shell, features, 1, err));
        assert_string_equal(test.scripts.items[2].content, "folder");
        assert_int_equal(test.check_outs, 0);
        temp_remove(folder);
}

static void a_provisioner_is_there_when_it_is_set_up(void **state) {
        (void) state;
        CLEANUP(string_list_clear) StringList names = { 0 };
        const FeatureSettings settings = { .shell_dir = "/features", .ansible = { .url = "https://x/y" } };
        const ImageFeature old = { .name = "php" }, shell = { .name = "php", .provisioner = "shell" },
                           puppet = { .name = "php", .provisioner = "puppet" };

        provisioners_configured(&settings, &names);
        assert_int_equal(names.count, 3);
        assert_string_equal(names.items[0], "shell");
        assert_string_equal(names.items[1], "package");
        assert_string_equal(names.items[2], "ansible");
        assert_fails(
                ERROR_INVALID,
                "Provisioner \"salt\" set for feature \"php\" is not available or not compatible.",
                provisioner_of(&old, &settings, err));
        assert_fails(
                ERROR_INVALID,
                "Provisioner \"puppet\" set for feature \"php\" is not available or not compatible.",
                provisioner_of(&puppet, &settings, err));
        assert_ptr_equal(provisioner_of(&shell, &settings, NULL), &provisioner_shell);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(parameters_become_variables),
                cmocka_unit_test(the_repository_comes_before_the_folder),
                cmocka_unit_test(a_provisioner_is_there_when_it_is_set_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
