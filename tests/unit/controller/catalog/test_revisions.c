/* What of a module can be deployed, as documents. */
#include "harness/git_case.h"
#include "harness/sandbox_bucket.h"
#include "harness/text_assertions.h"

#include <stdatomic.h>

#include "catalog/revisions.h"
#include "json/document.h"

enum { PATIENCE_MS = 20000 };

static void count_wake(void *context, const char *topic) {
        assert_true(text_starts_with(topic, "revisions/"));
        (*(atomic_int *) context)++;
}

static CatalogState await(Revisions *revisions, const RevisionsQuestion *question, CatalogAnswer *ret) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        for (;;) {
                CatalogState state = revisions_look(revisions, question, ret);

                if (state != CATALOG_ASKING || deadline_passed(deadline))
                        return state;
                catalog_answer_clear(ret);
                clock_sleep_ms(2);
        }
}

static Document *answered(Revisions *revisions, const RevisionsQuestion *question) {
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
        Document *document = NULL;

        if (await(revisions, question, &answer) != CATALOG_READY)
                fail_msg("%s", answer.message);
        assert_ok((document = document_parse(answer.json, strlen(answer.json), err)));
        return document;
}

static void of_a_repository(void **state) {
        CLEANUP(git_case_clear) GitCase git = { 0 };
        CLEANUP(revisions_free) Revisions *revisions = NULL;
        atomic_int woken = 0;

        (void) state;
        git_case_open(&git);
        git_case_shell(&git, "git tag v2; git tag v1");
        const RevisionsSpec spec = { .mirrors = git.mirrors, .wake = count_wake, .context = &woken };
        assert_ok((revisions = revisions_start(&spec, err)));
        const RevisionsQuestion question = { .url = git.url };
        CLEANUP(document_free) Document *answer = answered(revisions, &question);
        assert_string_equal(document_get_string(answer, "kind"), "git");
        assert_string_equal(document_get_string(answer, "default"), "main");
        assert_int_equal(document_count(document_get(answer, "revisions")), 3);
        assert_string_equal(document_get_string(answer, "revisions.0.name"), "v2");
        assert_string_equal(document_get_string(answer, "revisions.0.type"), "tag");
        assert_int_equal(strlen(document_get_string(answer, "revisions.0.commit")), 40);
        assert_string_equal(document_get_string(answer, "revisions.2.name"), "main");
        assert_string_equal(document_get_string(answer, "revisions.2.type"), "branch");
        /* It is kept: what the repository has meanwhile is not seen yet. */
        git_case_shell(&git, "git tag v3");
        CLEANUP(document_free) Document *again = answered(revisions, &question);
        assert_true(document_equal(answer, again));
        revisions_stop(revisions);
        assert_true(woken >= 1);
}

static void of_an_object(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase cloud = { 0 };
        CLEANUP(revisions_free) Revisions *revisions = NULL;

        (void) state;
        if (!sandbox_case_open(&cloud))
                skip();
        sandbox_bucket_make(&cloud, "site");
        CLEANUP(free) char *version = sandbox_bucket_add(&cloud, "site", "app.zip", "one");
        assert_ok((revisions = revisions_start(&(RevisionsSpec){ .aws = cloud.aws }, err)));
        const RevisionsQuestion question = { .s3 = true, .url = "s3://site/app.zip" };
        CLEANUP(document_free) Document *answer = answered(revisions, &question);
        assert_string_equal(document_get_string(answer, "kind"), "s3");
        assert_string_equal(document_get_string(answer, "default"), "HEAD");
        assert_int_equal(document_count(document_get(answer, "revisions")), 1);
        assert_string_equal(document_get_string(answer, "revisions.0.name"), version);
        assert_string_equal(document_get_string(answer, "revisions.0.type"), "version");
        assert_int_equal(document_get_int(answer, "revisions.0.size"), 3);
        assert_true(document_get_bool(answer, "revisions.0.latest"));
        assert_has(document_get_string(answer, "revisions.0.modified"), "T");
}

static void failures(void **state) {
        CLEANUP(git_case_clear) GitCase git = { 0 };
        CLEANUP(revisions_free) Revisions *revisions = NULL;
        CLEANUP(catalog_answer_clear) CatalogAnswer wrong = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer gone = { 0 };

        (void) state;
        git_case_open(&git);
        assert_ok((revisions = revisions_start(&(RevisionsSpec){ .mirrors = git.mirrors }, err)));
        assert_int_equal(await(revisions, &(RevisionsQuestion){ .url = "ftp://x" }, &wrong), CATALOG_FAILED);
        assert_int_equal(wrong.kind, ERROR_INVALID);
        assert_has(wrong.message, "'ftp://x' is not the address of a repository");
        assert_int_equal(await(revisions, &(RevisionsQuestion){ .url = git.folder }, &gone), CATALOG_FAILED);
        assert_int_equal(gone.kind, ERROR_INTERNAL);
        assert_has(gone.message, "does not appear to be a git repository");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(of_a_repository),
                cmocka_unit_test(of_an_object),
                cmocka_unit_test(failures),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
