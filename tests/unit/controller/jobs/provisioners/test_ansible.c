#include "harness/provision_case.h"

static void roles_are_written_as_the_contract_has_them(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(document_free) Document *parameters = document_object();

        provision_case_begin(&test);
        test.settings.ansible_playbook = "base.yml";
        test.settings.ansible_requirements = "base-requirements.yml";
        provision_case_write(&test, "base-requirements.yml", "- name: upgrade\n  src: https://x/upgrade\n");
        provision_case_write(
                &test, "requirements.yml",
                "- name: nginx\n  src: https://x/nginx\n  version: '1.0'\n- src: php\n- name: unused\n");
        provision_case_write(&test, "roles/own/tasks/main.yml", "[]\n");
        document_set_int(parameters, "port", 80);
        const ImageFeature features[] = { { .name = "nginx", .version = "1=2", .parameters = parameters },
                                          { .name = "php", .version = "php_version=8.2" },
                                          { .name = "own", .version = "3" },
                                          { .name = "nginx" } };
        assert_ok(provision_case_add(&test, &provisioner_ansible, features, 4, err));
        provision_case_assert_file(
                &test, "main.yml",
                "-   import_playbook: base.yml\n"
                "-   name: Ghost application features\n"
                "    hosts: all\n"
                "    roles:\n"
                "    -   port: 80\n"
                "        role: nginx\n"
                "    -   php_version: \"8.2\"\n"
                "        role: php\n"
                "    -   role: own\n"
                "    -   role: nginx\n");
        provision_case_assert_file(
                &test, "requirement_app.yml",
                "-   name: upgrade\n"
                "    src: https://x/upgrade\n"
                "-   name: nginx\n"
                "    src: https://x/nginx\n"
                "    version: \"1.0\"\n"
                "-   src: php\n");
        assert_int_equal(test.scripts.count, 1);
        assert_string_equal(test.scripts.items[0].name, "ansible features");
}

static void ansible_runs_on_the_builder_itself(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(free) char *output = NULL, *galaxy = NULL, *playbook = NULL;
        char *tools = temp_folder();
        const ImageFeature feature = { .name = "nginx" };
        static const char says[] = "#!/bin/sh\necho \"$(basename $0) $*\"\ncat requirement_app.yml\n";

        provision_case_begin(&test);
        test.settings.log_level = FEATURE_LOG_DEBUG;
        galaxy = xasprintf("%s/ansible-galaxy", tools);
        playbook = xasprintf("%s/ansible-playbook", tools);
        assert_ok(file_write_atomic(galaxy, says, strlen(says), 0755, err));
        assert_ok(file_write_atomic(playbook, says, strlen(says), 0755, err));
        provision_case_write(&test, "requirements.yml", "- name: nginx\n");
        assert_ok(provision_case_add(&test, &provisioner_ansible, &feature, 1, err));
        const ProvisionScript *script = &test.scripts.items[0];
        output = provision_case_run(script->content, script->length, NULL, tools);
        assert_string_equal(
                output, "ansible-galaxy install -r requirement_app.yml -p roles\n-   name: nginx\n"
                        "ansible-playbook -c local -i localhost, -vvv main.yml\n-   name: nginx\n");
        temp_remove(tools);
}

static void a_role_that_is_nowhere_is_told_before_anything_runs(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        const ImageFeature feature = { .name = "nginx" };

        provision_case_begin(&test);
        assert_fails(
                ERROR_INVALID,
                "Ansible - ERROR: role \"nginx\" is neither in the catalogue nor in roles/ of the repository",
                provision_case_add(&test, &provisioner_ansible, &feature, 1, err));
        test.settings.ansible_requirements = "base.yml";
        provision_case_write(&test, "base.yml", "roles: []\n");
        assert_fails(
                ERROR_INVALID, "Ansible - ERROR: base.yml: a list of roles is needed",
                provision_case_add(&test, &provisioner_ansible, &feature, 1, err));
        assert_int_equal(test.scripts.count, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(roles_are_written_as_the_contract_has_them),
                cmocka_unit_test(ansible_runs_on_the_builder_itself),
                cmocka_unit_test(a_role_that_is_nowhere_is_told_before_anything_runs),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
