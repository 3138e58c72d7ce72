/* Modules whose source is in a bucket. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "harness/sandbox_bucket.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "sources/s3_source.h"

typedef struct Lab {
        char *folder, *tree;
        SandboxCase cloud; /* no sandbox: this machine cannot run one */
        StringList log;
        bool cancelled;
} Lab;

static int lab_start(void **state) {
        Lab *lab = xcalloc(1, sizeof(*lab));

        lab->folder = temp_folder();
        lab->tree = xasprintf("%s/tree", lab->folder);
        if (sandbox_case_open(&lab->cloud))
                sandbox_bucket_make(&lab->cloud, "site");
        *state = lab;
        return 0;
}

static int lab_stop(void **state) {
        Lab *lab = *state;

        sandbox_case_clearp(&lab->cloud);
        string_list_clear(&lab->log);
        temp_remove(lab->folder);
        free(lab->tree);
        free(lab);
        return 0;
}

/* Returns the id of the version; caller frees. */
static char *add_version(Lab *lab, const char *key, const char *content) {
        return sandbox_bucket_add(&lab->cloud, "site", key, content);
}

static void add(Lab *lab, const char *key, const char *content) {
        free(add_version(lab, key, content));
}

/* The lab with its sandbox, or the test is skipped. */
#define LAB(state)                                                                                           \
        Lab *lab = *(state);                                                                                 \
        if (!lab->cloud.sandbox)                                                                             \
        skip()

static void note(void *context, const char *line) {
        string_list_add(&((Lab *) context)->log, line);
}

static bool is_cancelled(void *context) {
        return ((Lab *) context)->cancelled;
}

static bool fetch(Lab *lab, const char *url, const char *revision, char **ret, Error **err) {
        const S3SourceRequest request = { .url = url,
                                          .revision = revision,
                                          .folder = lab->tree,
                                          .deadline = deadline_after_ms(20000),
                                          .cancelled = is_cancelled,
                                          .log = note,
                                          .context = lab };

        return s3_source_fetch(lab->cloud.aws, &request, ret, err);
}

static void check_revision(Lab *lab, const char *url, const char *revision, const char *expected) {
        CLEANUP(free) char *got = NULL;

        assert_ok(fetch(lab, url, revision, &got, err));
        assert_string_equal(got, expected);
}

static void refused(Lab *lab, const char *url, const char *revision, ErrorKind kind, const char *words) {
        CLEANUP(free) char *got = NULL;
        CLEANUP(error_free) Error *error = NULL;

        assert_false(fetch(lab, url, revision, &got, &error));
        assert_has(error_message(error), words);
        assert_int_equal(error_kind(error), kind);
        assert_null(got);
}

static void all_below_a_key(void **state) {
        LAB(state);
        struct stat status;
        CLEANUP(free) char *file = xasprintf("%s/tree/css/a b.css", lab->folder);

        add(lab, "web/", "");
        add(lab, "web/index.html", "old");
        add(lab, "web/index.html", "hello");
        add(lab, "web/css/a b.css", "blue");
        add(lab, "web/empty/", "");
        add(lab, "web/release.tar.gz", "\x1f\x8b");
        add(lab, "website", "another");
        check_revision(lab, "s3://site/web", "HEAD", "HEAD");
        assert_content(lab->folder, "tree/index.html", "hello");
        assert_content(lab->folder, "tree/css/a b.css", "blue");
        assert_content(lab->folder, "tree/release.tar.gz", "\x1f\x8b"); /* build packs unpack */
        assert_true(temp_has(lab->folder, "tree/empty"));
        assert_false(temp_has(lab->folder, "tree/website"));
        assert_int_equal(stat(file, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0644);
        assert_string_equal(lab->log.items[0], "s3://site/web/: 5 objects, 11 bytes");
}

static void every_word_for_the_newest(void **state) {
        static const char *const words[] = { "head", "LATEST", "latest", "", NULL };
        LAB(state);

        add(lab, "web/index.html", "hello");
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                check_revision(lab, "s3://site/web/", words[i], "HEAD");
        assert_content(lab->folder, "tree/index.html", "hello");
}

static void one_object_and_its_versions(void **state) {
        LAB(state);

        CLEANUP(free) char *first = add_version(lab, "builds/app.zip", "one");
        CLEANUP(free) char *second = add_version(lab, "builds/app.zip", "two");
        check_revision(lab, "s3://site/builds/app.zip", "HEAD", "HEAD");
        assert_content(lab->folder, "tree/app.zip", "two");
        check_revision(lab, "s3://site/builds/app.zip", first, first);
        assert_content(lab->folder, "tree/app.zip", "one");
        assert_has(lab->log.items[0], second);
        CLEANUP(free) char *said = xasprintf("s3://site/builds/app.zip: 3 bytes, version %s", first);
        assert_string_equal(lab->log.items[1], said);
        refused(lab, "s3://site/builds/app.zip", "v9", ERROR_NOT_FOUND, "NoSuchVersion");
        refused(lab, "s3://site/builds/", "v1", ERROR_INVALID, "names no object");
}

static void urls_that_are_none(void **state) {
        static const char *const urls[] = { "",      "https://site/web", "S3:/site/web", "/etc/passwd",
                                            "s3://", "s3:///web",        "s3://a b/web", "git@host:web" };
        LAB(state);

        for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
                refused(lab, urls[i], "HEAD", ERROR_INVALID, "Invalid S3 source url given");
        assert_false(temp_has(lab->folder, "tree"));
}

static void keys_that_would_leave_the_folder(void **state) {
        static const char *const keys[] = {
                "../evil", "a/../../evil", "/etc/evil", "a//evil", "./evil", "../"
        };

        LAB(state);

        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                CLEANUP(free) char *key = xasprintf("web%zu/%s", i, keys[i]);
                CLEANUP(free) char *url = xasprintf("s3://site/web%zu", i);

                add(lab, key, "evil");
                refused(lab, url, "HEAD", ERROR_INVALID, "outside the module's folder");
                assert_false(temp_has(lab->folder, "evil"));
        }
}

static void what_is_not_there(void **state) {
        LAB(state);

        refused(lab, "s3://site/nothing", "HEAD", ERROR_NOT_FOUND,
                "there is no such object, and nothing below");
        refused(lab, "s3://site/", "HEAD", ERROR_NOT_FOUND, "nothing below");
}

static void a_cancel(void **state) {
        LAB(state);

        add(lab, "web/index.html", "hello");
        lab->cancelled = true;
        refused(lab, "s3://site/web", "HEAD", ERROR_CANCELLED, "cancelled");
}

int main(void) {
#define SOURCE(test) cmocka_unit_test_setup_teardown(test, lab_start, lab_stop)
        const struct CMUnitTest tests[] = {
                SOURCE(all_below_a_key),
                SOURCE(every_word_for_the_newest),
                SOURCE(one_object_and_its_versions),
                SOURCE(urls_that_are_none),
                SOURCE(keys_that_would_leave_the_folder),
                SOURCE(what_is_not_there),
                SOURCE(a_cancel),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
