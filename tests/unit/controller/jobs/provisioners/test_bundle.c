#include "harness/provision_case.h"

#include "jobs/provisioners/bundle.h"

static void a_folder_is_unpacked_worked_in_and_removed(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(text_clear) Text script = { 0 }, again = { 0 };
        CLEANUP(free) char *output = NULL;

        provision_case_begin(&test);
        provision_case_write(&test, "deep/er/file", "hello\n");
        provision_case_write(&test, ".git/config", "secret\n");
        provision_case_write(&test, "FOLDER", "FOLDER\n");
        assert_ok(bundle_write(test.folder, "cat deep/er/file FOLDER\nfind . -name '.git*'\n", &script, err));
        output = provision_case_run(script.data, script.length, NULL, NULL);
        assert_string_equal(output, "hello\nFOLDER\n");

        assert_ok(bundle_write(test.folder, "cat deep/er/file FOLDER\nfind . -name '.git*'\n", &again, err));
        assert_string_equal(script.data, again.data);
}

static void a_failing_command_fails_the_script(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(text_clear) Text script = { 0 };
        const ProcessSpec spec = { .argv = (const char *const[]){ "sh", "-s", NULL },
                                   .environment = (const char *const[]){ "PATH=/usr/bin:/bin", NULL },
                                   .uid = PROCESS_KEEP_ID,
                                   .gid = PROCESS_KEEP_ID,
                                   .deadline = deadline_after_ms(60000) };
        CLEANUP(free) char *program = NULL;
        ProcessResult result;

        provision_case_begin(&test);
        assert_ok(bundle_write(test.folder, "false\necho not reached\n", &script, err));
        program = xasprintf("%s/program", test.folder);
        assert_ok(file_write_atomic(program, script.data, script.length, 0755, err));
        ProcessSpec run = spec;
        run.argv = (const char *const[]){ program, NULL };
        assert_ok(process_run(&run, &result, err));
        assert_int_equal(result.end, PROCESS_EXITED);
        assert_int_equal(result.code, 1);
}

static void too_large_a_folder_is_refused(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(text_clear) Text script = { 0 };
        CLEANUP(free) char *noise = NULL, *path = NULL;
        size_t length = BUNDLE_MAX_BYTES + (1 << 20);

        provision_case_begin(&test);
        path = xasprintf("%s/noise", test.folder);
        noise = xcalloc(1, length);
        for (size_t i = 0, random = 1; i < length; i++) { /* bytes that gzip makes nothing of */
                random = random * 6364136223846793005ULL + 1442695040888963407ULL;
                noise[i] = (char) (random >> 56);
        }
        assert_ok(file_write_atomic(path, noise, length, 0644, err));
        assert_fails(
                ERROR_UNAVAILABLE, "packing features: the folder is larger than 16 MiB packed",
                bundle_write(test.folder, "true\n", &script, err));
}

static void a_yaml_file_that_is_none_is_named(void **state) {
        (void) state;
        CLEANUP(provision_case_clear) ProvisionCase test;
        CLEANUP(error_free) Error *error = NULL;

        provision_case_begin(&test);
        provision_case_write(&test, "a.yml", "a: [\n");
        assert_null(bundle_read_yaml(test.folder, "a.yml", &error));
        assert_true(text_starts_with(error_message(error), "a.yml: not YAML: line "));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_folder_is_unpacked_worked_in_and_removed),
                cmocka_unit_test(a_failing_command_fails_the_script),
                cmocka_unit_test(too_large_a_folder_is_refused),
                cmocka_unit_test(a_yaml_file_that_is_none_is_named),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
