#include "catalog/catalog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/lists.h"

enum { WORKERS_MAX = 8, FAILURE_FRACTION = 20, QUESTION_TEXTS = 9, TEXT_MAX = 1224 };

/* A question and what became of it. */
typedef struct Entry {
        CatalogList list;
        char *texts[QUESTION_TEXTS]; /* as question_texts() has them; "": nothing said */
        char *topic;
        bool busy;  /* in the queue, or a worker has it */
        bool known; /* what is below is an answer */
        Deadline fresh_until;
        CatalogAnswer answer;
        struct Entry *next_queued;
} Entry;

struct Catalog {
        CatalogSpec spec;
        pthread_t threads[WORKERS_MAX];
        unsigned thread_count;

        pthread_mutex_t lock; /* guards all below */
        pthread_cond_t work;
        bool stopping;
        Entry **entries;
        size_t count;
        uint64_t topics; /* so far */
        Entry *first_queued, *last_queued;
};

void catalog_answer_clear(CatalogAnswer *answer) {
        free(answer->json);
        free(answer->message);
        free(answer->topic);
        *answer = (CatalogAnswer){ 0 };
}

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

static void question_texts(const CatalogQuestion *question, const char *ret[QUESTION_TEXTS]) {
        const char *const texts[QUESTION_TEXTS] = { question->region,      question->account_id,
                                                    question->role_name,   question->external_id,
                                                    question->role_region, question->vpc_id,
                                                    question->owner,       question->name,
                                                    question->architecture };

        for (size_t i = 0; i < QUESTION_TEXTS; i++)
                ret[i] = texts[i] ? texts[i] : "";
}

static CatalogQuestion question_of(const Entry *entry) {
        char *const *texts = entry->texts;

        return (CatalogQuestion){ .list = entry->list,
                                  .region = texts[0],
                                  .account_id = texts[1],
                                  .role_name = texts[2],
                                  .external_id = texts[3],
                                  .role_region = texts[4],
                                  .vpc_id = texts[5],
                                  .owner = texts[6],
                                  .name = texts[7],
                                  .architecture = texts[8] };
}

static void entry_free(Entry *entry) {
        for (size_t i = 0; i < QUESTION_TEXTS; i++)
                free(entry->texts[i]);
        free(entry->topic);
        catalog_answer_clear(&entry->answer);
        free(entry);
}

/* ---- workers ---- */

static bool is_stopping(void *context) {
        Catalog *catalog = context;

        pthread_mutex_lock(&catalog->lock);
        bool stopping = catalog->stopping;
        pthread_mutex_unlock(&catalog->lock);
        return stopping;
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

static CatalogAnswer ask(Catalog *catalog, const CatalogQuestion *question) {
        const AwsRole role = { .account_id = question->account_id,
                               .name = question->role_name,
                               .external_id = question->external_id,
                               .region = question->role_region };
        AwsSession session = { .aws = catalog->spec.aws,
                               .region = text_empty(question->region) ? NULL : question->region,
                               .role = text_empty(role.account_id) ? NULL : &role,
                               .deadline = deadline_after_ms(catalog->spec.timeout_ms),
                               .cancelled = is_stopping,
                               .context = catalog };
        CLEANUP(error_free) Error *error = NULL;
        Document *items = NULL;

        if (catalog_list_fetch(&session, question, &items, &error))
                return (CatalogAnswer){ .json = ready_text(&session, items) };
        return (CatalogAnswer){ .kind = error_kind(error),
                                .class_word = aws_error_class_word(session.failure.class),
                                .answered = session.failure.status != 0,
                                .message = xstrdup(error_message(error)) };
}

/* With the lock held. */
static Entry *take_queued(Catalog *catalog) {
        Entry *entry = catalog->first_queued;

        catalog->first_queued = entry->next_queued;
        if (!catalog->first_queued)
                catalog->last_queued = NULL;
        entry->next_queued = NULL;
        return entry;
}

/* An entry that is busy stays where it is, so its question is read without the lock. */
static void serve(Catalog *catalog, Entry *entry) {
        const CatalogQuestion question = question_of(entry);
        CatalogAnswer answer = ask(catalog, &question);
        CLEANUP(free) char *topic = xstrdup(entry->topic);
        int64_t keep_ms = answer.json ? catalog->spec.keep_ms : catalog->spec.keep_ms / FAILURE_FRACTION;

        pthread_mutex_lock(&catalog->lock);
        catalog_answer_clear(&entry->answer);
        entry->answer = answer;
        entry->known = true;
        entry->busy = false;
        entry->fresh_until = deadline_after_ms(keep_ms);
        pthread_mutex_unlock(&catalog->lock);
        if (catalog->spec.wake)
                catalog->spec.wake(catalog->spec.context, topic);
}

static void *work(void *argument) {
        Catalog *catalog = argument;

        pthread_setname_np(pthread_self(), "catalog");
        pthread_mutex_lock(&catalog->lock);
        for (;;) {
                while (!catalog->first_queued && !catalog->stopping)
                        pthread_cond_wait(&catalog->work, &catalog->lock);
                if (catalog->stopping)
                        break;
                Entry *entry = take_queued(catalog);
                pthread_mutex_unlock(&catalog->lock);
                serve(catalog, entry);
                pthread_mutex_lock(&catalog->lock);
        }
        pthread_mutex_unlock(&catalog->lock);
        return NULL;
}

/* ---- looking; all with the lock held ---- */

static Entry *find(Catalog *catalog, CatalogList list, const char *const texts[QUESTION_TEXTS]) {
        for (size_t i = 0; i < catalog->count; i++) {
                Entry *entry = catalog->entries[i];
                size_t same = 0;

                while (same < QUESTION_TEXTS && text_equal(entry->texts[same], texts[same]))
                        same++;
                if (same == QUESTION_TEXTS && entry->list == list)
                        return entry;
        }
        return NULL;
}

/* The one whose answer goes stale first makes room; false: all are being asked. */
static bool make_room(Catalog *catalog) {
        size_t oldest = catalog->count;

        if (catalog->count < catalog->spec.questions)
                return true;
        for (size_t i = 0; i < catalog->count; i++) {
                const Entry *entry = catalog->entries[i];

                if (!entry->busy &&
                    (oldest == catalog->count || entry->fresh_until < catalog->entries[oldest]->fresh_until))
                        oldest = i;
        }
        if (oldest == catalog->count)
                return false;
        entry_free(catalog->entries[oldest]);
        catalog->entries[oldest] = catalog->entries[--catalog->count];
        return true;
}

static Entry *add(Catalog *catalog, CatalogList list, const char *const texts[QUESTION_TEXTS]) {
        if (!make_room(catalog))
                return NULL;
        Entry *entry = xcalloc(1, sizeof(*entry));
        entry->list = list;
        for (size_t i = 0; i < QUESTION_TEXTS; i++)
                entry->texts[i] = xstrdup(texts[i]);
        entry->topic = xasprintf("catalog/%llu", (unsigned long long) catalog->topics++);
        return catalog->entries[catalog->count++] = entry;
}

static void enqueue(Catalog *catalog, Entry *entry) {
        entry->busy = true;
        if (catalog->last_queued)
                catalog->last_queued->next_queued = entry;
        else
                catalog->first_queued = entry;
        catalog->last_queued = entry;
        pthread_cond_signal(&catalog->work);
}

static CatalogState look(Catalog *catalog, const CatalogQuestion *question, CatalogAnswer *ret) {
        const char *texts[QUESTION_TEXTS];

        question_texts(question, texts);
        Entry *entry = find(catalog, question->list, texts);
        if (!entry)
                entry = add(catalog, question->list, texts);
        if (!entry)
                return CATALOG_BUSY;
        if (!entry->busy && entry->known && !deadline_passed(entry->fresh_until)) {
                *ret = entry->answer;
                ret->json = ret->json ? xstrdup(ret->json) : NULL;
                ret->message = ret->message ? xstrdup(ret->message) : NULL;
                return ret->json ? CATALOG_READY : CATALOG_FAILED;
        }
        if (!entry->busy)
                enqueue(catalog, entry);
        ret->topic = xstrdup(entry->topic);
        return CATALOG_ASKING;
}

CatalogState catalog_look(Catalog *catalog, const CatalogQuestion *question, CatalogAnswer *ret) {
        *ret = (CatalogAnswer){ 0 };
        pthread_mutex_lock(&catalog->lock);
        CatalogState state = catalog->stopping ? CATALOG_BUSY : look(catalog, question, ret);
        pthread_mutex_unlock(&catalog->lock);
        return state;
}

/* ---- life ---- */

Catalog *catalog_start(const CatalogSpec *spec, Error **err) {
        CLEANUP(catalog_free) Catalog *catalog = xcalloc(1, sizeof(*catalog));
        CatalogSpec *own = &catalog->spec;

        *own = *spec;
        own->workers = spec->workers ? spec->workers : 2;
        own->questions = spec->questions ? spec->questions : 256;
        own->keep_ms = spec->keep_ms ? spec->keep_ms : 60000;
        own->timeout_ms = spec->timeout_ms ? spec->timeout_ms : 60000;
        catalog->entries = xcalloc(own->questions, sizeof(Entry *));
        pthread_mutex_init(&catalog->lock, NULL);
        pthread_cond_init(&catalog->work, NULL);
        while (catalog->thread_count < own->workers && catalog->thread_count < WORKERS_MAX) {
                if (pthread_create(&catalog->threads[catalog->thread_count], NULL, work, catalog) != 0) {
                        error_set(err, ERROR_UNAVAILABLE, "no thread for the catalog of AWS");
                        return NULL;
                }
                catalog->thread_count++;
        }
        return TAKE(catalog);
}

void catalog_stop(Catalog *catalog) {
        if (!catalog)
                return;
        pthread_mutex_lock(&catalog->lock);
        catalog->stopping = true;
        pthread_cond_broadcast(&catalog->work);
        pthread_mutex_unlock(&catalog->lock);
        for (unsigned i = 0; i < catalog->thread_count; i++)
                pthread_join(catalog->threads[i], NULL);
        catalog->thread_count = 0;
}

void catalog_free(Catalog *catalog) {
        if (!catalog)
                return;
        catalog_stop(catalog);
        for (size_t i = 0; i < catalog->count; i++)
                entry_free(catalog->entries[i]);
        free(catalog->entries);
        pthread_cond_destroy(&catalog->work);
        pthread_mutex_destroy(&catalog->lock);
        free(catalog);
}
