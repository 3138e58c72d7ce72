#include "catalog/revisions.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sources/git_refs.h"
#include "sources/s3_versions.h"
#include "json/document.h"

enum { WORKERS = 4, QUESTIONS = 128, VERSIONS_MAX = 1000 };

typedef enum RevisionsText { TEXT_KIND, TEXT_URL, TEXT_REGION, TEXT_COUNT } RevisionsText;

struct Revisions {
        RevisionsSpec spec;
        Questions *questions;
};

/* ---- the answers ---- */

static Document *revision_row(const char *name, const char *type) {
        Document *row = document_object();

        document_set_string(row, "name", name);
        document_set_string(row, "type", type);
        return row;
}

static char *answer_text(const char *kind, const char *fallback, Document *rows) {
        CLEANUP(document_free) Document *answer = document_object();

        document_set_string(answer, "kind", kind);
        document_set_string(answer, "default", fallback);
        document_set(answer, "revisions", rows);
        return document_text(answer);
}

static char *git_text(const GitRefs *refs) {
        Document *rows = document_array();

        for (size_t i = 0; i < refs->count; i++) {
                Document *row = revision_row(refs->items[i].name, refs->items[i].is_tag ? "tag" : "branch");

                document_set_string(row, "commit", refs->items[i].commit);
                document_append(rows, row);
        }
        return answer_text("git", refs->default_branch ? refs->default_branch : "", rows);
}

static char *s3_text(const S3Versions *versions) {
        Document *rows = document_array();

        for (size_t i = 0; i < versions->count; i++) {
                const S3Version *version = &versions->items[i];
                Document *row = revision_row(version->id, "version");

                document_set_string(row, "modified", version->last_modified);
                document_set_int(row, "size", (int64_t) version->bytes);
                document_set_bool(row, "latest", version->is_latest);
                document_append(rows, row);
        }
        return answer_text("s3", "HEAD", rows);
}

/* ---- asking ---- */

/* That a repository is forbidden is a setting's word, so it is the module that names a wrong one. */
static char *ask_git(Revisions *revisions, const char *const *texts, ErrorKind *ret_kind, Error **err) {
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };
        const GitRequest request = { .url = texts[TEXT_URL],
                                     .deadline = deadline_after_ms(revisions->spec.timeout_ms),
                                     .cancelled = questions_stopping,
                                     .context = revisions->questions };

        if (git_refs_fetch(revisions->spec.mirrors, &request, &refs, err))
                return git_text(&refs);
        *ret_kind = error_kind(*err) == ERROR_FORBIDDEN ? ERROR_INVALID : error_kind(*err);
        return NULL;
}

static char *ask_s3(Revisions *revisions, const char *const *texts, ErrorKind *ret_kind, Error **err) {
        CLEANUP(s3_versions_clear) S3Versions versions = { 0 };
        const S3SourceRequest request = { .url = texts[TEXT_URL],
                                          .region = texts[TEXT_REGION],
                                          .deadline = deadline_after_ms(revisions->spec.timeout_ms),
                                          .cancelled = questions_stopping,
                                          .context = revisions->questions };

        if (s3_versions_list(revisions->spec.aws, &request, VERSIONS_MAX, &versions, err))
                return s3_text(&versions);
        *ret_kind = error_kind(*err);
        return NULL;
}

static CatalogAnswer ask(void *context, const char *const *texts) {
        CLEANUP(error_free) Error *error = NULL;
        ErrorKind kind = ERROR_INTERNAL;
        char *json = text_equal(texts[TEXT_KIND], "s3") ? ask_s3(context, texts, &kind, &error)
                                                        : ask_git(context, texts, &kind, &error);

        if (json)
                return (CatalogAnswer){ .json = json };
        return (CatalogAnswer){ .kind = kind, .message = xstrdup(error_message(error)) };
}

CatalogState revisions_look(Revisions *revisions, const RevisionsQuestion *question, CatalogAnswer *ret) {
        const char *const texts[TEXT_COUNT] = { [TEXT_KIND] = question->s3 ? "s3" : "git",
                                                [TEXT_URL] = question->url,
                                                [TEXT_REGION] = question->s3 ? question->region : NULL };

        return questions_look(revisions->questions, texts, ret);
}

/* ---- life ---- */

Revisions *revisions_start(const RevisionsSpec *spec, Error **err) {
        CLEANUP(revisions_free) Revisions *revisions = xcalloc(1, sizeof(*revisions));
        const QuestionsSpec questions = {
                .name = "revisions",
                .texts = TEXT_COUNT,
                .workers = WORKERS,
                .kept = QUESTIONS,
                .keep_ms = spec->keep_ms ? spec->keep_ms : 10000,
                .ask = ask,
                .context = revisions,
                .wake = spec->wake,
                .wake_context = spec->context,
        };

        revisions->spec = *spec;
        revisions->spec.timeout_ms = spec->timeout_ms ? spec->timeout_ms : 60000;
        return questions_start(&questions, &revisions->questions, err) ? TAKE(revisions) : NULL;
}

void revisions_stop(Revisions *revisions) {
        if (revisions)
                questions_stop(revisions->questions);
}

void revisions_free(Revisions *revisions) {
        if (!revisions)
                return;
        questions_free(revisions->questions);
        free(revisions);
}
