#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include <stdio.h>

#include "app_document.h"

static Document *parse(const char *text) {
        Document *document = NULL;

        assert_ok((document = document_parse(text, strlen(text), err)) != NULL);
        return document;
}

static void assert_json(const Document *document, const char *expected) {
        CLEANUP(document_free) Document *wanted = parse(expected);
        CLEANUP(free) char *text = document_canonical(document);
        CLEANUP(free) char *wanted_text = document_canonical(wanted);

        assert_string_equal(text, wanted_text);
}

static void what_the_controller_sets_is_left_out_at_every_depth(void **state) {
        CLEANUP(document_free)
        Document *app = parse("{\"_id\":\"x\",\"_etag\":\"e\",\"_links\":{},\"name\":\"shop\",\"user\":"
                              "\"ann\",\"ami\":\"a\","
                              "\"pending_changes\":[],\"novelty\":1,\"description\":null,"
                              "\"modules\":[{\"name\":\"m\",\"initialized\":true,\"last_deployment\":\"d\","
                              "\"scope\":\"code\"}],"
                              "\"build_infos\":{\"ami_name\":\"n\",\"subnet_id\":\"subnet-1\"},"
                              "\"blue_green\":{\"alter_ego_id\":\"i\",\"color\":\"blue\"},"
                              "\"autoscale\":{\"current\":\"asg\",\"min\":1}}");
        CLEANUP(document_free) Document *kept = app_document_writable(app);

        (void) state;
        assert_json(
                kept, "{\"name\":\"shop\",\"modules\":[{\"name\":\"m\",\"scope\":\"code\"}],"
                      "\"build_infos\":{\"subnet_id\":\"subnet-1\"},\"blue_green\":{\"color\":\"blue\"},"
                      "\"autoscale\":{\"min\":1}}");
}

static void assert_changes(const char *before_text, const char *after_text, const char *expected) {
        CLEANUP(document_free) Document *before = parse(before_text);
        CLEANUP(document_free) Document *after = parse(after_text);
        CLEANUP(document_free) Document *patch = app_document_changes(before, after);

        assert_json(patch, expected);
}

static void only_what_differs_is_sent(void **state) {
        (void) state;
        assert_changes("{\"name\":\"a\",\"env\":\"e\"}", "{\"env\":\"e\",\"name\":\"a\"}", "{}");
        assert_changes(
                "{\"name\":\"a\"}", "{\"name\":\"a\",\"description\":\"d\"}", "{\"description\":\"d\"}");
        assert_changes(
                "{\"autoscale\":{\"min\":1,\"max\":2}}", "{\"autoscale\":{\"min\":1,\"max\":3}}",
                "{\"autoscale\":{\"max\":3}}");
        assert_changes(
                "{\"features\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", "{\"features\":[{\"name\":\"b\"}]}",
                "{\"features\":[{\"name\":\"b\"}]}");
}

/* A PATCH merges: leaving a field out of it would keep it. */
static void what_was_taken_out_is_sent_as_null(void **state) {
        (void) state;
        assert_changes(
                "{\"description\":\"d\",\"features\":[{\"name\":\"a\"}],\"autoscale\":{\"min\":1},"
                "\"lifecycle_hooks\":{\"pre_bootstrap\":\"x\",\"post_bootstrap\":\"y\"}}",
                "{\"lifecycle_hooks\":{\"pre_bootstrap\":\"x\"}}",
                "{\"description\":null,\"features\":null,\"autoscale\":null,"
                "\"lifecycle_hooks\":{\"post_bootstrap\":null}}");
}

static void a_wrong_application_is_refused_by_every_field(void **state) {
        CLEANUP(document_free)
        Document *app =
                parse("{\"name\":\"a\",\"env\":\"E!\",\"modules\":[{\"name\":\"m\",\"path\":\"/p\"}]}");
        CLEANUP(error_free) Error *why = NULL;

        (void) state;
        assert_false(app_document_check(app, SCHEMA_INSERT, &why));
        assert_non_null(strstr(error_message(why), "modules.0.scope: required field"));
        assert_non_null(strstr(error_message(why), "env: value does not match"));
        assert_non_null(strstr(error_message(why), "vpc_id: required field"));
}

static void files_are_yaml_or_json(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *yaml = xasprintf("%s/a.yaml", folder);
        CLEANUP(free) char *json = xasprintf("%s/a.json", folder);
        CLEANUP(document_free) Document *first = NULL;
        CLEANUP(document_free) Document *second = NULL;
        CLEANUP(document_free) Document *none = NULL;
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(error_free) Error *other = NULL;

        (void) state;
        temp_write(folder, "a.yaml", "name: a\nmodules:\n-   name: m\n");
        temp_write(folder, "a.json", " {\"name\": \"a\", \"modules\": [{\"name\": \"m\"}]}");
        assert_ok(app_document_read(yaml, APP_FILE_ANY, &first, err));
        assert_ok(app_document_read(json, APP_FILE_ANY, &second, err));
        assert_true(document_equal(first, second));
        assert_false(app_document_read(yaml, APP_FILE_JSON, &none, &why));
        assert_non_null(strstr(error_message(why), "a.yaml: invalid JSON file"));
        temp_write(folder, "a.yaml", "- a\n");
        assert_false(app_document_read(yaml, APP_FILE_YAML, &none, &other));
        assert_non_null(strstr(error_message(other), "an application is an object"));
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_the_controller_sets_is_left_out_at_every_depth),
                cmocka_unit_test(only_what_differs_is_sent),
                cmocka_unit_test(what_was_taken_out_is_sent_as_null),
                cmocka_unit_test(a_wrong_application_is_refused_by_every_field),
                cmocka_unit_test(files_are_yaml_or_json),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
