#include "catalog/questions.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

enum { WORKERS_MAX = 8, FAILURE_FRACTION = 20 };

/* A question and what became of it. */
typedef struct Entry {
        char **texts;
        char *topic;
        bool busy;  /* in the queue, or a worker has it */
        bool known; /* what is below is an answer */
        Deadline fresh_until;
        CatalogAnswer answer;
        struct Entry *next_queued;
} Entry;

struct Questions {
        QuestionsSpec spec;
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

static void entry_free(const Questions *questions, Entry *entry) {
        for (size_t i = 0; i < questions->spec.texts; i++)
                free(entry->texts[i]);
        free(entry->texts);
        free(entry->topic);
        catalog_answer_clear(&entry->answer);
        free(entry);
}

/* ---- workers ---- */

bool questions_stopping(void *context) {
        Questions *questions = context;

        pthread_mutex_lock(&questions->lock);
        bool stopping = questions->stopping;
        pthread_mutex_unlock(&questions->lock);
        return stopping;
}

/* With the lock held. */
static Entry *take_queued(Questions *questions) {
        Entry *entry = questions->first_queued;

        questions->first_queued = entry->next_queued;
        if (!questions->first_queued)
                questions->last_queued = NULL;
        entry->next_queued = NULL;
        return entry;
}

/* An entry that is busy stays where it is, so its question is read without the lock. */
static void serve(Questions *questions, Entry *entry) {
        const QuestionsSpec *spec = &questions->spec;
        CatalogAnswer answer = spec->ask(spec->context, (const char *const *) entry->texts);
        CLEANUP(free) char *topic = xstrdup(entry->topic);
        int64_t keep_ms = answer.json ? spec->keep_ms : spec->keep_ms / FAILURE_FRACTION;

        pthread_mutex_lock(&questions->lock);
        catalog_answer_clear(&entry->answer);
        entry->answer = answer;
        entry->known = true;
        entry->busy = false;
        entry->fresh_until = deadline_after_ms(keep_ms);
        pthread_mutex_unlock(&questions->lock);
        if (spec->wake)
                spec->wake(spec->wake_context, topic);
}

static void *work(void *argument) {
        Questions *questions = argument;

        pthread_setname_np(pthread_self(), questions->spec.name);
        pthread_mutex_lock(&questions->lock);
        for (;;) {
                while (!questions->first_queued && !questions->stopping)
                        pthread_cond_wait(&questions->work, &questions->lock);
                if (questions->stopping)
                        break;
                Entry *entry = take_queued(questions);
                pthread_mutex_unlock(&questions->lock);
                serve(questions, entry);
                pthread_mutex_lock(&questions->lock);
        }
        pthread_mutex_unlock(&questions->lock);
        return NULL;
}

/* ---- looking; all with the lock held ---- */

static const char *said(const char *text) {
        return text ? text : "";
}

static Entry *find(Questions *questions, const char *const *texts) {
        for (size_t i = 0; i < questions->count; i++) {
                Entry *entry = questions->entries[i];
                size_t same = 0;

                while (text_equal(entry->texts[same], said(texts[same])))
                        if (++same == questions->spec.texts)
                                return entry;
        }
        return NULL;
}

/* The one whose answer goes stale first makes room; false: all are being asked. */
static bool make_room(Questions *questions) {
        size_t oldest = questions->count;

        if (questions->count < questions->spec.kept)
                return true;
        for (size_t i = 0; i < questions->count; i++) {
                const Entry *entry = questions->entries[i];

                if (!entry->busy && (oldest == questions->count ||
                                     entry->fresh_until < questions->entries[oldest]->fresh_until))
                        oldest = i;
        }
        if (oldest == questions->count)
                return false;
        entry_free(questions, questions->entries[oldest]);
        questions->entries[oldest] = questions->entries[--questions->count];
        return true;
}

static Entry *add(Questions *questions, const char *const *texts) {
        if (!make_room(questions))
                return NULL;
        Entry *entry = xcalloc(1, sizeof(*entry));
        entry->texts = xcalloc(questions->spec.texts, sizeof(*entry->texts));
        for (size_t i = 0; i < questions->spec.texts; i++)
                entry->texts[i] = xstrdup(said(texts[i]));
        entry->topic = xasprintf("%s/%llu", questions->spec.name, (unsigned long long) questions->topics++);
        return questions->entries[questions->count++] = entry;
}

static void enqueue(Questions *questions, Entry *entry) {
        entry->busy = true;
        if (questions->last_queued)
                questions->last_queued->next_queued = entry;
        else
                questions->first_queued = entry;
        questions->last_queued = entry;
        pthread_cond_signal(&questions->work);
}

static CatalogState look(Questions *questions, const char *const *texts, CatalogAnswer *ret) {
        Entry *entry = find(questions, texts);

        if (!entry)
                entry = add(questions, texts);
        if (!entry)
                return CATALOG_BUSY;
        if (!entry->busy && entry->known && !deadline_passed(entry->fresh_until)) {
                *ret = entry->answer;
                ret->json = ret->json ? xstrdup(ret->json) : NULL;
                ret->message = ret->message ? xstrdup(ret->message) : NULL;
                return ret->json ? CATALOG_READY : CATALOG_FAILED;
        }
        if (!entry->busy)
                enqueue(questions, entry);
        ret->topic = xstrdup(entry->topic);
        return CATALOG_ASKING;
}

CatalogState questions_look(Questions *questions, const char *const *texts, CatalogAnswer *ret) {
        *ret = (CatalogAnswer){ 0 };
        pthread_mutex_lock(&questions->lock);
        CatalogState state = questions->stopping ? CATALOG_BUSY : look(questions, texts, ret);
        pthread_mutex_unlock(&questions->lock);
        return state;
}

/* ---- life ---- */

bool questions_start(const QuestionsSpec *spec, Questions **ret, Error **err) {
        Questions *questions = xcalloc(1, sizeof(*questions));

        questions->spec = *spec;
        questions->entries = xcalloc(spec->kept, sizeof(Entry *));
        pthread_mutex_init(&questions->lock, NULL);
        pthread_cond_init(&questions->work, NULL);
        *ret = questions;
        while (questions->thread_count < spec->workers && questions->thread_count < WORKERS_MAX) {
                pthread_t *thread = &questions->threads[questions->thread_count];

                if (pthread_create(thread, NULL, work, questions) != 0)
                        return error_set(err, ERROR_UNAVAILABLE, "no thread for the %s", spec->name);
                questions->thread_count++;
        }
        return true;
}

void questions_stop(Questions *questions) {
        if (!questions)
                return;
        pthread_mutex_lock(&questions->lock);
        questions->stopping = true;
        pthread_cond_broadcast(&questions->work);
        pthread_mutex_unlock(&questions->lock);
        for (unsigned i = 0; i < questions->thread_count; i++)
                pthread_join(questions->threads[i], NULL);
        questions->thread_count = 0;
}

void questions_free(Questions *questions) {
        if (!questions)
                return;
        questions_stop(questions);
        for (size_t i = 0; i < questions->count; i++)
                entry_free(questions, questions->entries[i]);
        free(questions->entries);
        pthread_cond_destroy(&questions->work);
        pthread_mutex_destroy(&questions->lock);
        free(questions);
}
