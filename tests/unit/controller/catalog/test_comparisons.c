/* Comparisons of a repository's commits, as documents. */
#include "harness/git_case.h"
#include "harness/text_assertions.h"

#include "catalog/comparisons.h"
#include "json/document.h"

enum { PATIENCE_MS = 20000 };

static CatalogState await(Comparisons *comparisons, const ComparisonsQuestion *question, CatalogAnswer *ret) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        for (;;) {
                CatalogState state = comparisons_look(comparisons, question, ret);

                if (state != CATALOG_ASKING || deadline_passed(deadline))
                        return state;
                assert_true(text_starts_with(ret->topic, "comparisons/"));
                catalog_answer_clear(ret);
                clock_sleep_ms(2);
        }
}

static Document *answered(Comparisons *comparisons, const ComparisonsQuestion *question) {
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
        Document *document = NULL;

        if (await(comparisons, question, &answer) != CATALOG_READY)
                fail_msg("%s", answer.message);
        assert_ok((document = document_parse(answer.json, strlen(answer.json), err)));
        return document;
}

static char *first_commit(const GitCase *git) {
        git_case_shell(git, "git rev-parse v1 >../commit");
        CLEANUP(free) char *line = temp_read(git->folder, "commit");

        return text_trim(line);
}

static void from_what_is_live(void **state) {
        CLEANUP(git_case_clear) GitCase git = { 0 };
        CLEANUP(comparisons_free) Comparisons *comparisons = NULL;

        (void) state;
        git_case_open(&git);
        git_case_shell(&git, "git tag v1; echo two >index.html; git commit -qam second");
        CLEANUP(free) char *first = first_commit(&git);
        assert_ok((comparisons = comparisons_start(&(ComparisonsSpec){ .mirrors = git.mirrors }, err)));
        CLEANUP(document_free)
        Document *on = answered(
                comparisons, &(ComparisonsQuestion){ .url = git.url, .revision = "HEAD", .from = first });
        assert_string_equal(document_get_string(on, "revision"), "main");
        assert_string_equal(document_get_string(on, "commit.subject"), "second");
        assert_int_equal(document_get_int(on, "commits_total"), 1);
        assert_string_equal(document_get_string(on, "commits.0.author"), "Ann");
        assert_int_equal(document_get_int(on, "files_total"), 1);
        assert_string_equal(document_get_string(on, "files.0.path"), "index.html");
        assert_string_equal(document_get_string(on, "files.0.change"), "modified");
        assert_string_equal(document_get_string(on, "message"), "");

        CLEANUP(document_free)
        Document *same = answered(
                comparisons, &(ComparisonsQuestion){ .url = git.url, .revision = "v1", .from = first });
        assert_string_equal(document_get_string(same, "message"), "it is the commit that is live");
        CLEANUP(document_free)
        Document *lost = answered(
                comparisons, &(ComparisonsQuestion){ .url = git.url, .revision = "v1", .from = "deadbeef" });
        assert_has(document_get_string(lost, "message"), "deadbeef, is not in the repository any more");
        CLEANUP(document_free)
        Document *none = answered(comparisons, &(ComparisonsQuestion){ .url = git.url, .revision = "v1" });
        assert_string_equal(document_get_string(none, "message"), "");
        assert_int_equal(document_get_int(none, "commits_total"), 0);
}

static void back_from_what_is_live(void **state) {
        CLEANUP(git_case_clear) GitCase git = { 0 };
        CLEANUP(comparisons_free) Comparisons *comparisons = NULL;

        (void) state;
        git_case_open(&git);
        git_case_shell(&git, "git branch old; echo two >index.html; git commit -qam second; git tag v1");
        CLEANUP(free) char *live = first_commit(&git);
        assert_ok((comparisons = comparisons_start(&(ComparisonsSpec){ .mirrors = git.mirrors }, err)));
        CLEANUP(document_free)
        Document *back = answered(
                comparisons, &(ComparisonsQuestion){ .url = git.url, .revision = "old", .from = live });
        assert_string_equal(document_get_string(back, "message"), "1 commit of what is live is not in it");
        assert_int_equal(document_get_int(back, "files_total"), 1);
}

static void what_is_not_there(void **state) {
        CLEANUP(git_case_clear) GitCase git = { 0 };
        CLEANUP(comparisons_free) Comparisons *comparisons = NULL;
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };

        (void) state;
        git_case_open(&git);
        assert_ok((comparisons = comparisons_start(&(ComparisonsSpec){ .mirrors = git.mirrors }, err)));
        assert_int_equal(
                await(comparisons, &(ComparisonsQuestion){ .url = git.url, .revision = "v9" }, &answer),
                CATALOG_FAILED);
        assert_has(answer.message, "revision 'v9' does not exist in repository");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(from_what_is_live),
                cmocka_unit_test(back_from_what_is_live),
                cmocka_unit_test(what_is_not_there),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
