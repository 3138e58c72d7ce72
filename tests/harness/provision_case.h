/* A repository of features that is a folder of the test's own, and the scripts that provisioners make of it.
 */
#pragma once

#include <stdlib.h>

#include "base/process.h"
#include "harness/temp_folder.h"
#include "jobs/provisioners/provisioner.h"

typedef struct ProvisionCase {
        char *folder; /* the work tree */
        FeatureSettings settings;
        ImageContent content;
        int check_outs;
        ProvisionScripts scripts;
} ProvisionCase;

static inline bool provision_case_check_out(
        void *context, const char *provisioner, const FeatureRepository *repository, char **ret_folder,
        Error **err) {
        ProvisionCase *test = context;

        (void) err;
        assert_string_equal(repository->url, provisioner);
        test->check_outs++;
        *ret_folder = xstrdup(test->folder);
        return true;
}

/* Every repository is called as its provisioner. In place: the content points into it. */
static inline void provision_case_begin(ProvisionCase *test) {
        *test = (ProvisionCase){ .folder = temp_folder(),
                                 .settings = { .shell = { .url = "shell" },
                                               .ansible = { .url = "ansible" },
                                               .salt = { .url = "salt" },
                                               .ansible_catalogue = "requirements.yml",
                                               .log_level = FEATURE_LOG_INFO } };
        test->content = (ImageContent){ .settings = &test->settings,
                                        .check_out = provision_case_check_out,
                                        .context = test };
}

static inline void provision_case_clearp(ProvisionCase *test) {
        provision_scripts_clear(&test->scripts);
        temp_remove(test->folder);
}

static inline bool provision_case_add(
        ProvisionCase *test, const Provisioner *provisioner, const ImageFeature *features, size_t count,
        Error **err) {
        CLEANUP(free) const ImageFeature **items = xcalloc(count, sizeof(*items));

        for (size_t i = 0; i < count; i++)
                items[i] = &features[i];
        return provisioner->add(
                &test->content, &(FeatureGroup){ .items = items, .count = count }, &test->scripts, err);
}

static inline void provision_case_write(ProvisionCase *test, const char *name, const char *content) {
        CLEANUP(free) char *path = xasprintf("%s/%s", test->folder, name);

        *strrchr(path, '/') = '\0';
        assert_ok(file_make_folders(path, 0755, err));
        temp_write(test->folder, name, content);
}

static inline void provision_case_assert_file(
        const ProvisionCase *test, const char *name, const char *expected) {
        CLEANUP(free) char *text = temp_read(test->folder, name);

        assert_string_equal(text, expected);
}

static inline void provision_case_assert_variable(const ProvisionScript *script, const char *variable) {
        if (!string_list_contains(&script->environment, variable))
                fail_msg("%s: %s is not in the environment", script->name, variable);
}

/* Runs it as an agent does, as a program in a folder; the programs in `tools` come before all others. */
static inline char *provision_case_run(
        const char *script, size_t length, const StringList *environment, const char *tools) {
        CLEANUP(free) char *folder = temp_folder(), *program = xasprintf("%s/a feature", folder);
        CLEANUP(string_list_clear) StringList variables = { 0 };
        const char *const argv[] = { program, NULL };
        char *output = NULL;

        for (size_t i = 0; environment && i < environment->count; i++)
                string_list_add(&variables, environment->items[i]);
        string_list_addf(&variables, "PATH=%s:/usr/bin:/bin", tools ? tools : "/bin");
        string_list_addf(&variables, "TMPDIR=%s", folder);
        assert_ok(file_write_atomic(program, script, length, 0755, err));
        const ProcessSpec spec = { .argv = argv,
                                   .environment = (const char *const *) variables.items,
                                   .uid = PROCESS_KEEP_ID,
                                   .gid = PROCESS_KEEP_ID,
                                   .deadline = deadline_after_ms(60000),
                                   .output_max_bytes = 1 << 20 };
        assert_ok(process_capture(&spec, &output, err));
        assert_int_equal(rmdir(folder), -1); /* the program is in it */
        assert_int_equal(unlink(program), 0);
        assert_int_equal(rmdir(folder), 0); /* and nothing else is left */
        return output;
}
