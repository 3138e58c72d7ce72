#include "catalog/comparisons.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sources/git_compare.h"
#include "json/document.h"

enum { WORKERS = 4, QUESTIONS = 128, TIMEOUT_MS = 10 * 60 * 1000 };

typedef enum ComparisonText { TEXT_URL, TEXT_REVISION, TEXT_FROM, TEXT_COUNT } ComparisonText;

struct Comparisons {
        ComparisonsSpec spec;
        Questions *questions;
};

/* ---- the answer ---- */

static Document *commit_document(const GitCommit *commit) {
        Document *row = document_object();

        document_set_string(row, "id", commit->id);
        document_set_string(row, "subject", commit->subject);
        document_set_string(row, "author", commit->author);
        document_set_string(row, "date", commit->date);
        return row;
}

static void set_files(Document *answer, const GitChanges *files) {
        Document *rows = document_array();

        for (size_t i = 0; i < files->count; i++) {
                Document *row = document_object();

                document_set_string(row, "path", files->items[i].path);
                document_set_string(row, "change", files->items[i].change);
                document_append(rows, row);
        }
        document_set(answer, "files", rows);
        document_set_int(answer, "files_total", (int64_t) files->total);
}

static char *message_of(const GitComparison *comparison, const char *from) {
        if (!*from)
                return xstrdup("");
        if (!comparison->from_known)
                return xasprintf("the commit that is live, %.40s, is not in the repository any more", from);
        if (comparison->removed_total > 0)
                return xasprintf(
                        "%zu commit%s of what is live %s not in it", comparison->removed_total,
                        comparison->removed_total == 1 ? "" : "s",
                        comparison->removed_total == 1 ? "is" : "are");
        return xstrdup(comparison->added_total == 0 ? "it is the commit that is live" : "");
}

static char *answer_text(const GitComparison *comparison, const char *from) {
        CLEANUP(document_free) Document *answer = document_object();
        CLEANUP(free) char *message = message_of(comparison, from);
        Document *commits = document_array();

        document_set_string(answer, "revision", comparison->revision);
        document_set(
                answer, "commit",
                comparison->at.count > 0 ? commit_document(&comparison->at.items[0]) : document_null());
        for (size_t i = 0; i < comparison->added.count; i++)
                document_append(commits, commit_document(&comparison->added.items[i]));
        document_set(answer, "commits", commits);
        document_set_int(answer, "commits_total", (int64_t) comparison->added_total);
        set_files(answer, &comparison->files);
        document_set_string(answer, "message", message);
        return document_text(answer);
}

/* ---- asking ---- */

static CatalogAnswer ask(void *context, const char *const *texts) {
        Comparisons *comparisons = context;
        CLEANUP(git_comparison_clear) GitComparison comparison = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const GitRequest request = { .url = texts[TEXT_URL],
                                     .revision = texts[TEXT_REVISION],
                                     .deadline = deadline_after_ms(comparisons->spec.timeout_ms),
                                     .cancelled = questions_stopping,
                                     .context = comparisons->questions };

        if (git_mirrors_compare(comparisons->spec.mirrors, &request, texts[TEXT_FROM], &comparison, &error))
                return (CatalogAnswer){ .json = answer_text(&comparison, texts[TEXT_FROM]) };
        return (CatalogAnswer){ .kind = error_kind(error), .message = xstrdup(error_message(error)) };
}

CatalogState comparisons_look(
        Comparisons *comparisons, const ComparisonsQuestion *question, CatalogAnswer *ret) {
        const char *const texts[TEXT_COUNT] = {
                [TEXT_URL] = question->url, [TEXT_REVISION] = question->revision, [TEXT_FROM] = question->from
        };

        return questions_look(comparisons->questions, texts, ret);
}

/* ---- life ---- */

Comparisons *comparisons_start(const ComparisonsSpec *spec, Error **err) {
        CLEANUP(comparisons_free) Comparisons *comparisons = xcalloc(1, sizeof(*comparisons));
        const QuestionsSpec questions = {
                .name = "comparisons",
                .texts = TEXT_COUNT,
                .workers = WORKERS,
                .kept = QUESTIONS,
                .keep_ms = spec->keep_ms ? spec->keep_ms : 10000,
                .ask = ask,
                .context = comparisons,
                .wake = spec->wake,
                .wake_context = spec->context,
        };

        comparisons->spec = *spec;
        comparisons->spec.timeout_ms = spec->timeout_ms ? spec->timeout_ms : TIMEOUT_MS;
        return questions_start(&questions, &comparisons->questions, err) ? TAKE(comparisons) : NULL;
}

void comparisons_stop(Comparisons *comparisons) {
        if (comparisons)
                questions_stop(comparisons->questions);
}

void comparisons_free(Comparisons *comparisons) {
        if (!comparisons)
                return;
        questions_free(comparisons->questions);
        free(comparisons);
}
