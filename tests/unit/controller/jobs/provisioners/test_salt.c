#include "harness/provision_case.h"

static void files_are_written_as_the_contract_has_them(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        const ImageFeature features[] = {
                { .name = "php", .version = "8.2" },        { .name = "php-fpm", .version = "pool=web" },
                { .name = "nginx", .version = "module=a" }, { .name = "nginx", .version = "module=b=c" },
                { .name = "nginx", .version = "conf=x" },   { .name = "git" }
        };

        provision_case_begin(&test);
        test.settings.salt_pillar = "house";
        provision_case_write(&test, "salt/common/init.sls", "");
        provision_case_write(&test, "salt/php.sls", "");
        provision_case_write(&test, "salt/nginx/init.sls", "");
        provision_case_write(&test, "salt/git.sls", "");
        assert_ok(provision_case_add(&test, &provisioner_salt, features, 6, err));
        provision_case_assert_file(
                &test, "salt/top.sls", "base:\n    '*':\n    - common\n    - php\n    - nginx\n    - git\n");
        provision_case_assert_file(&test, "pillar/top.sls", "base:\n    '*':\n    - features\n    - house\n");
        provision_case_assert_file(
                &test, "pillar/features.sls",
                "php:\n    version: \"8.2\"\n"
                "php-fpm:\n    pool:\n    - web\n"
                "nginx:\n    module:\n    - a\n    - b=c\n    conf:\n    - x\n"
                "git: {}\n");
        assert_int_equal(test.scripts.count, 1);
        assert_string_equal(test.scripts.items[0].name, "salt features");
}

static void salt_stays_out_when_the_bootstrap_is_skipped(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        const ImageFeature feature = { .name = "git" };

        provision_case_begin(&test);
        provision_case_write(&test, "salt/git.sls", "");
        assert_ok(provision_case_add(&test, &provisioner_salt, &feature, 1, err));
        test.content.skip_bootstrap = true;
        assert_ok(provision_case_add(&test, &provisioner_salt, &feature, 1, err));
        assert_non_null(strstr(test.scripts.items[0].content, "install --no-install-recommends salt-minion"));
        assert_non_null(strstr(test.scripts.items[0].content, "purge --auto-remove salt-minion"));
        assert_null(strstr(test.scripts.items[1].content, "apt-get"));
        for (size_t i = 0; i < 2; i++)
                assert_non_null(strstr(
                        test.scripts.items[i].content,
                        "salt-call --local --retcode-passthrough --log-level=info --file-root=/srv/salt "
                        "--pillar-root=/srv/pillar state.apply\nrm -rf /srv/salt /srv/pillar\n"));
}

static void a_formula_that_is_nowhere_is_told(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        const ImageFeature feature = { .name = "git" };

        provision_case_begin(&test);
        assert_fails(
                ERROR_INVALID, "Salt - ERROR: formula \"git\" is not in salt/ of the repository",
                provision_case_add(&test, &provisioner_salt, &feature, 1, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_written_as_the_contract_has_them),
                cmocka_unit_test(salt_stays_out_when_the_bootstrap_is_skipped),
                cmocka_unit_test(a_formula_that_is_nowhere_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
