#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "model/app.h"
#include "model/app_rules.h"
#include "model/command.h"
#include "model/job_request.h"

static Document *parse(const char *text) {
        Document *document = NULL;

        assert_ok(document = document_parse(text, strlen(text), err));
        return document;
}

static void assert_refused(const char *text, const char *message) {
        CLEANUP(document_free) Document *app = parse(text);

        assert_fails(ERROR_INVALID, message, app_check(app, err));
}

static void assert_accepted(const char *text) {
        CLEANUP(document_free) Document *app = parse(text);

        assert_ok(app_check(app, err));
}

static void module_paths_do_not_collide(void **state) {
        (void) state;
        assert_accepted("{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\"},{\"name\":\"b\",\"path\":\"/srv/"
                        "a-2\"}]}");
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/../etc\"}]}",
                "Module \"a\" uses a forbidden path: \"/srv/../etc\"");
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/..\"}]}",
                "Module \"a\" uses a forbidden path: \"/..\"");
        assert_refused("{\"modules\":[{\"name\":\"a\"}]}", "Module \"a\" has empty path");
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\"},{\"name\":\"b\",\"path\":\"/srv/./a\"}]}",
                "Module \"b\" has a duplicated path (/srv/a) with another module (\"a\")");
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\"},{\"name\":\"b\",\"path\":\"/srv/a/b\"}]}",
                "Module \"b\" has a path (/srv/a/b) in collision with another module");
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/x/a\"},{\"name\":\"b\",\"path\":\"/srv/x/b\"},"
                "{\"name\":\"c\",\"path\":\"/srv/x\"}]}",
                "Module \"c\" has a path (/srv/x) in collision with other(s) module(s) (\"a, b\")");
}

static void every_module_has_a_name_of_its_own(void **state) {
        (void) state;
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\"},{\"name\":\"a\",\"path\":\"/srv/b\"}]}",
                "Module \"a\" has a duplicated name");
}

static void features_need_a_provisioner_that_is_there(void **state) {
        (void) state;
        assert_accepted("{\"features\":[{\"name\":\"php\",\"provisioner\":\"shell\"},{\"name\":\"git\"}]}");
        assert_refused(
                "{\"features\":[{\"name\":\"php\",\"provisioner\":\"puppet\"}]}",
                "Provisioner \"puppet\" set for feature \"php\" is not available or not compatible.");
}

static void assert_source_accepted(const char *text) {
        CLEANUP(document_free) Document *infos = parse(text);

        assert_ok(app_check_source(infos, err));
}

static void assert_source_refused(const char *text, const char *message) {
        CLEANUP(document_free) Document *infos = parse(text);

        assert_fails(ERROR_INVALID, message, app_check_source(infos, err));
}

static void builds_start_from_exactly_one_source(void **state) {
        (void) state;
        assert_ok(app_check_source(NULL, err));
        assert_source_accepted("{\"source_ami\":\"ami-1\",\"source_ami_parameter\":\"\"}");
        assert_source_accepted("{\"source_ami_filter\":{\"name\":\"debian-*\"}}");
        assert_source_accepted("{\"source_ami_parameter\":\"/aws/service/debian\"}");
        assert_source_refused(
                "{\"subnet_id\":\"subnet-1\"}",
                "build_infos needs one of source_ami, source_ami_filter and source_ami_parameter");
        assert_source_refused(
                "{\"source_ami\":\"ami-1\",\"source_ami_filter\":{\"name\":\"d\"}}",
                "build_infos has both source_ami and source_ami_filter: only one may be given");
}

static void a_source_takes_the_place_of_another(void **state) {
        (void) state;
        CLEANUP(document_free)
        Document *stored = parse(
                "{\"name\":\"a\",\"build_infos\":{\"source_ami\":\"ami-1\",\"subnet_id\":\"subnet-1\"}}");
        CLEANUP(document_free)
        Document *patch = parse("{\"build_infos\":{\"source_ami_parameter\":\"/aws/debian\"}}");
        CLEANUP(document_free) Document *merged = NULL;
        CLEANUP(free) char *infos = NULL;

        assert_ok(app_merge(stored, patch, "eve", &merged, err));
        infos = document_canonical(document_get(merged, "build_infos"));
        assert_string_equal(infos, "{\"source_ami_parameter\":\"/aws/debian\",\"subnet_id\":\"subnet-1\"}");
}

static void assert_issues(const char *text, const char *expected) {
        CLEANUP(document_free) Document *input = parse(text);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *checked = schema_apply(&app_schema, SCHEMA_PATCH, input, &issues);
        CLEANUP(free) char *found = issues ? document_canonical(issues) : xstrdup("none");

        assert_string_equal(found, expected);
        assert_true((checked == NULL) == (issues != NULL));
}

static void names_are_not_empty_and_owners_fit(void **state) {
        (void) state;
        assert_issues(
                "{\"name\":\"\",\"env\":\"Prod\",\"role\":\"web\\n\"}",
                "{\"env\":\"value does not match regex '^[a-z0-9\\\\-\\\\_]*$'\",\"name\":\"value does not "
                "match "
                "regex '^[a-zA-Z0-9_.+-]*$'\",\"role\":\"value does not match regex "
                "'^[a-z0-9\\\\-\\\\_]*$'\"}");
        assert_issues(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\",\"scope\":\"code\",\"uid\":4294967296,"
                "\"gid\":4294967295}]}",
                "{\"modules\":{\"0\":{\"gid\":\"max value is 4294967294\",\"uid\":\"max value is "
                "4294967294\"}}}");
        assert_issues(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\",\"scope\":\"code\",\"uid\":4294967294}]}",
                "none");
        assert_issues(
                "{\"features\":[{\"name\":\"a b\",\"version\":\"!\"}]}",
                "{\"features\":{\"0\":{\"name\":\"value does not match regex "
                "'^[a-zA-Z0-9\\\\.\\\\-\\\\_]*$'\",\"version\":\"value does not match regex "
                "'^[a-zA-Z0-9\\\\.\\\\-\\\\_\\\\/:~\\\\+=\\\\,]*$'\"}}}");
}

#define VOLUME(type)                                                                                         \
        "{\"environment_infos\":{\"optional_volumes\":[{\"device_name\":\"/dev/"                             \
        "xvdb\",\"volume_type\":\"" type "\",\"volume_size\":20}]}}"

static void volumes_are_of_a_type_that_aws_has(void **state) {
        (void) state;
        assert_issues(VOLUME("standard"), "none");
        assert_issues(VOLUME("gp3"), "none");
        assert_issues(VOLUME("io2"), "none");
        assert_issues(
                VOLUME("gp9"), "{\"environment_infos\":{\"optional_volumes\":{\"0\":{\"volume_type\":"
                               "\"unallowed value gp9\"}}}}");
}

static void scripts_are_base64_of_text(void **state) {
        (void) state;
        assert_accepted(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\",\"pre_deploy\":\"ZWNobyBoaQo=\"}]}");
        assert_refused(
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/a\",\"pre_deploy\":\"!!!\"}]}",
                "Error decoding script \"pre_deploy\" in module: \"a\"");
        assert_refused(
                "{\"lifecycle_hooks\":{\"pre_bootstrap\":\"/w==\"}}",
                "Error decoding a script in lifecycle hook: pre_bootstrap");
}

static const char new_app[] =
        "{\"name\":\"shop\",\"env\":\"dev\",\"role\":\"web\",\"vpc_id\":\"vpc-1\",\"modules\":[{"
        "\"name\":\"a\",\"path\":\"/srv/a\",\"scope\":\"code\",\"git_repo\":\"u\"}],"
        "\"environment_infos\":{\"instance_tags\":[{\"tag_name\":\"env\",\"tag_value\":\"x\"}]}}";

static Document *stored_app(void) {
        CLEANUP(document_free) Document *input = parse(new_app);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *checked = schema_apply(&app_schema, SCHEMA_INSERT, input, &issues);

        assert_non_null(checked);
        return app_new_document(checked, "ann");
}

static void a_new_application_gets_its_defaults(void **state) {
        CLEANUP(document_free) Document *app = stored_app();

        (void) state;
        assert_string_equal(document_get_string(app, "user"), "ann");
        assert_int_equal(document_count(document_get(app, "pending_changes")), 7);
        assert_true(document_get_bool(app, "environment_infos.public_ip_address"));
        assert_int_equal(document_count(document_get(app, "environment_infos.instance_tags")), 1);
        assert_string_equal(
                document_get_string(app, "environment_infos.instance_tags.0.tag_value"), "ec2.dev.web.shop");
        assert_false(document_get_bool(app, "modules.0.initialized"));
        assert_non_null(document_get(app, "modules.0.initialized"));
}

static Document *patched(const Document *stored, const char *patch_text) {
        CLEANUP(document_free) Document *patch = parse(patch_text);
        Document *app = NULL;

        assert_ok(app_merge(stored, patch, "bob", &app, err));
        return app;
}

static void a_patch_merges_objects_and_replaces_lists(void **state) {
        CLEANUP(document_free) Document *stored = stored_app();
        CLEANUP(document_free)
        Document *app =
                patched(stored, "{\"environment_infos\":{\"key_name\":\"k\"},\"modules\":[{\"name\":\"b\","
                                "\"path\":\"/srv/b\"}]}");

        (void) state;
        assert_string_equal(document_get_string(app, "environment_infos.key_name"), "k");
        assert_true(document_get_bool(app, "environment_infos.public_ip_address"));
        assert_int_equal(document_count(document_get(app, "modules")), 1);
        assert_string_equal(document_get_string(app, "modules.0.name"), "b");
}

static void modules_that_did_not_change_stay_initialized(void **state) {
        CLEANUP(document_free) Document *stored = stored_app();
        CLEANUP(document_free)
        Document *modules = parse("[{\"name\":\"a\",\"path\":\"/srv/"
                                  "a\",\"scope\":\"code\",\"git_repo\":\"u\",\"initialized\":true}]");

        (void) state;
        document_set(stored, "modules", document_copy(modules));
        document_set(stored, "pending_changes", document_array());
        CLEANUP(document_free)
        Document *same =
                patched(stored, "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/"
                                "a\",\"scope\":\"code\",\"source\":{\"url\":\"u\"},"
                                "\"pre_deploy\":\"\"}]}");
        assert_true(document_get_bool(same, "modules.0.initialized"));
        assert_int_equal(document_count(document_get(same, "pending_changes")), 0);

        CLEANUP(document_free)
        Document *other = patched(
                stored,
                "{\"modules\":[{\"name\":\"a\",\"path\":\"/srv/z\",\"scope\":\"code\",\"git_repo\":\"u\"}]}");
        assert_false(document_get_bool(other, "modules.0.initialized"));
        assert_string_equal(document_get_string(other, "pending_changes.0.field"), "modules");
        assert_string_equal(document_get_string(other, "pending_changes.0.user"), "bob");
}

static void tags_that_are_ours_change_nothing(void **state) {
        CLEANUP(document_free) Document *stored = stored_app();

        (void) state;
        document_set(stored, "pending_changes", document_array());
        CLEANUP(document_free)
        Document *same = patched(
                stored,
                "{\"environment_infos\":{\"instance_tags\":[{\"tag_name\":\"env\",\"tag_value\":\"y\"},"
                "{\"tag_name\":\"ghost:app-id\",\"tag_value\":\"z\"}]}}");
        assert_int_equal(document_count(document_get(same, "pending_changes")), 0);
        assert_int_equal(document_count(document_get(same, "environment_infos.instance_tags")), 1);

        CLEANUP(document_free)
        Document *other = patched(
                stored,
                "{\"environment_infos\":{\"instance_tags\":[{\"tag_name\":\"team\",\"tag_value\":\"y\"}]}}");
        assert_string_equal(document_get_string(other, "pending_changes.0.field"), "environment_infos");
        assert_int_equal(document_count(document_get(other, "environment_infos.instance_tags")), 2);
}

static void the_name_of_an_application_cannot_change(void **state) {
        CLEANUP(document_free) Document *stored = stored_app();
        CLEANUP(document_free) Document *patch = parse("{\"name\":\"other\"}");
        Document *app = NULL;

        (void) state;
        assert_fails(
                ERROR_INVALID, "Updates are forbidden for field: \"name\"",
                app_merge(stored, patch, "bob", &app, err));
}

static void a_shown_application_is_complete(void **state) {
        CLEANUP(document_free) Document *stored = stored_app();
        CLEANUP(document_free) Document *app = app_for_reading(stored);

        (void) state;
        assert_string_equal(document_get_string(app, "modules.0.source.url"), "u");
        assert_string_equal(document_get_string(app, "modules.0.source.protocol"), "git");
        assert_int_equal(document_count(document_get(app, "log_notifications")), 0);
        assert_true(document_is_array(document_get(app, "log_notifications")));
}

static void commands_are_sorted_and_known_to_jobs(void **state) {
        (void) state;
        for (const CommandInfo *info = command_infos; info->name; info++) {
                CLEANUP(document_free) Document *job = document_object();
                CLEANUP(document_free) Document *issues = NULL;

                if (info != command_infos)
                        assert_true(strcmp(info[-1].name, info->name) < 0);
                document_set_string(job, "command", info->name);
                document_set_string(job, "app_id", "0123456789abcdef01234567");
                CLEANUP(document_free)
                Document *checked = schema_apply(&job_request_schema, SCHEMA_INSERT, job, &issues);
                assert_non_null(checked);
        }
}

static void jobs_are_checked_against_their_application(void **state) {
        CLEANUP(document_free) Document *app = stored_app();
        CLEANUP(document_free)
        Document *good = parse("{\"command\":\"deploy\",\"modules\":[{\"name\":\"a\",\"rev\":\"v1\"}]}"),
                 *absent = parse("{\"command\":\"deploy\",\"modules\":[{\"name\":\"x\"}]}"),
                 *none = parse("{\"command\":\"deploy\"}"), *bare = parse("{\"command\":\"redeploy\"}");

        (void) state;
        assert_ok(job_request_check(good, app, err));
        assert_fails(ERROR_INVALID, "Module to deploy not found", job_request_check(absent, app, err));
        assert_fails(ERROR_INVALID, "A deploy job needs modules", job_request_check(none, app, err));
        assert_fails(
                ERROR_INVALID, "A redeploy job needs the deployment's id as first option",
                job_request_check(bare, app, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(module_paths_do_not_collide),
                cmocka_unit_test(every_module_has_a_name_of_its_own),
                cmocka_unit_test(features_need_a_provisioner_that_is_there),
                cmocka_unit_test(builds_start_from_exactly_one_source),
                cmocka_unit_test(a_source_takes_the_place_of_another),
                cmocka_unit_test(names_are_not_empty_and_owners_fit),
                cmocka_unit_test(volumes_are_of_a_type_that_aws_has),
                cmocka_unit_test(scripts_are_base64_of_text),
                cmocka_unit_test(tags_that_are_ours_change_nothing),
                cmocka_unit_test(a_new_application_gets_its_defaults),
                cmocka_unit_test(a_patch_merges_objects_and_replaces_lists),
                cmocka_unit_test(modules_that_did_not_change_stay_initialized),
                cmocka_unit_test(the_name_of_an_application_cannot_change),
                cmocka_unit_test(a_shown_application_is_complete),
                cmocka_unit_test(commands_are_sorted_and_known_to_jobs),
                cmocka_unit_test(jobs_are_checked_against_their_application),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
