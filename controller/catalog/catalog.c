#include "catalog/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/lists.h"

enum { QUESTION_TEXTS = 10, TEXT_MAX = 1224 };

struct Catalog {
        struct Aws *aws;
        int64_t timeout_ms;
        Questions *questions;
};

static bool check_length(const char *name, const char *value, Error **err) {
        return text_empty(value) || strlen(value) <= TEXT_MAX ||
               error_set(err, ERROR_INVALID, "%s: longer than %d characters", name, TEXT_MAX);
}

static bool check_region(const char *name, const char *value, Error **err) {
        return text_empty(value) || region_is_valid(value) ||
               error_set(err, ERROR_INVALID, "%s: '%.40s' is not an AWS region", name, value);
}

bool catalog_question_check(const CatalogQuestion *question, Error **err) {
        if (!check_region("region", question->region, err) ||
            !check_region("assumed_region_name", question->role_region, err))
                return false;
        if (text_empty(question->account_id) != text_empty(question->role_name))
                return error_set(err, ERROR_INVALID, "assumed_account_id and assumed_role_name go together");
        return check_length("assumed_account_id", question->account_id, err) &&
               check_length("assumed_role_name", question->role_name, err) &&
               check_length("assumed_external_id", question->external_id, err) &&
               check_length("vpc_id", question->vpc_id, err) && check_length("owner", question->owner, err) &&
               check_length("name", question->name, err) &&
               check_length("architecture", question->architecture, err);
}

/* The list, as one letter, is the first of a question's texts. */
static void question_texts(const CatalogQuestion *question, char letter[2], const char *ret[QUESTION_TEXTS]) {
        const char *const texts[QUESTION_TEXTS] = {
                letter,
                question->region,
                question->account_id,
                question->role_name,
                question->external_id,
                question->role_region,
                question->vpc_id,
                question->owner,
                question->name,
                question->architecture,
        };

        letter[0] = (char) ('a' + question->list);
        letter[1] = '\0';
        memcpy(ret, texts, sizeof(texts));
}

static CatalogQuestion question_of(const char *const *texts) {
        return (CatalogQuestion){ .list = (CatalogList) (texts[0][0] - 'a'),
                                  .region = texts[1],
                                  .account_id = texts[2],
                                  .role_name = texts[3],
                                  .external_id = texts[4],
                                  .role_region = texts[5],
                                  .vpc_id = texts[6],
                                  .owner = texts[7],
                                  .name = texts[8],
                                  .architecture = texts[9] };
}

static char *ready_text(const AwsSession *session, Document *items) {
        CLEANUP(document_free) Document *document = document_object();
        CLEANUP(free) char *when = clock_format_http(clock_now_us());
        const char *region = session->region ? session->region : aws_region(session->aws);

        document_set_string(document, "region", region ? region : "");
        document_set_string(document, "asked_at", when);
        document_set(document, "_items", items);
        return document_text(document);
}

static CatalogAnswer ask(void *context, const char *const *texts) {
        Catalog *catalog = context;
        const CatalogQuestion question = question_of(texts);
        const AwsRole role = { .account_id = question.account_id,
                               .name = question.role_name,
                               .external_id = question.external_id,
                               .region = question.role_region };
        AwsSession session = { .aws = catalog->aws,
                               .region = text_empty(question.region) ? NULL : question.region,
                               .role = text_empty(role.account_id) ? NULL : &role,
                               .deadline = deadline_after_ms(catalog->timeout_ms),
                               .cancelled = questions_stopping,
                               .context = catalog->questions };
        CLEANUP(error_free) Error *error = NULL;
        Document *items = NULL;

        if (catalog_list_fetch(&session, &question, &items, &error))
                return (CatalogAnswer){ .json = ready_text(&session, items) };
        return (CatalogAnswer){ .kind = error_kind(error),
                                .class_word = aws_error_class_word(session.failure.class),
                                .answered = session.failure.status != 0,
                                .message = xstrdup(error_message(error)) };
}

CatalogState catalog_look(Catalog *catalog, const CatalogQuestion *question, CatalogAnswer *ret) {
        const char *texts[QUESTION_TEXTS];
        char letter[2];

        question_texts(question, letter, texts);
        return questions_look(catalog->questions, texts, ret);
}

/* ---- life ---- */

Catalog *catalog_start(const CatalogSpec *spec, Error **err) {
        CLEANUP(catalog_free) Catalog *catalog = xcalloc(1, sizeof(*catalog));
        const QuestionsSpec questions = {
                .name = "catalog",
                .texts = QUESTION_TEXTS,
                .workers = spec->workers ? spec->workers : 2,
                .kept = spec->questions ? spec->questions : 256,
                .keep_ms = spec->keep_ms ? spec->keep_ms : 60000,
                .ask = ask,
                .context = catalog,
                .wake = spec->wake,
                .wake_context = spec->context,
        };

        catalog->aws = spec->aws;
        catalog->timeout_ms = spec->timeout_ms ? spec->timeout_ms : 60000;
        return questions_start(&questions, &catalog->questions, err) ? TAKE(catalog) : NULL;
}

void catalog_stop(Catalog *catalog) {
        if (catalog)
                questions_stop(catalog->questions);
}

void catalog_free(Catalog *catalog) {
        if (!catalog)
                return;
        questions_free(catalog->questions);
        free(catalog);
}
