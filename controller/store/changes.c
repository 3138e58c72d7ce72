#include "store/changes.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

enum {
        KEPT = 1024,
        TOGETHER_MS = 250,
        ROUND_MS = 25, /* what is due within it is told with it */
};

typedef struct Kept {
        Change change;
        Deadline due; /* told from then on */
} Kept;

struct Changes {
        ChangesSpec spec;
        pthread_t thread;
        bool stopped;         /* the owner's */
        pthread_mutex_t lock; /* guards everything below */
        pthread_cond_t wake;  /* on the monotonic clock */
        uint64_t first;       /* the number before the first */
        uint64_t added, told; /* numbers; those between are still being put together */
        bool stopping;
        Kept kept[]; /* by number, modulo spec.kept */
};

static const char *const words[COLLECTION_COUNT] = {
        [COLLECTION_APPS] = "apps",
        [COLLECTION_JOBS] = "jobs",
        [COLLECTION_DEPLOYMENTS] = "deployments",
        [COLLECTION_INSTANCES] = "instances",
        [COLLECTION_WEBHOOKS] = "webhooks",
        [COLLECTION_INVOCATIONS] = "invocations",
        [COLLECTION_USERS] = "users",
        [COLLECTION_TOKENS] = "tokens",
};

const char *changes_collection_word(Collection collection) {
        return words[collection];
}

static Kept *kept_at(Changes *changes, uint64_t sequence) {
        return &changes->kept[sequence % changes->spec.kept];
}

/* With the lock held. False: nothing was due. */
static bool tell_due(Changes *changes) {
        uint64_t before = changes->told;

        while (changes->told < changes->added && deadline_passed(kept_at(changes, changes->told + 1)->due))
                changes->told++;
        return changes->told > before;
}

/* With the lock held. */
static void wait_for_due(Changes *changes) {
        if (changes->told == changes->added) {
                pthread_cond_wait(&changes->wake, &changes->lock);
                return;
        }
        int64_t due = kept_at(changes, changes->told + 1)->due + ROUND_MS;
        const struct timespec until = { .tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000 };
        (void) pthread_cond_timedwait(&changes->wake, &changes->lock, &until);
}

static void *run(void *context) {
        Changes *changes = context;

        pthread_setname_np(pthread_self(), "changes");
        pthread_mutex_lock(&changes->lock);
        while (!changes->stopping) {
                if (!tell_due(changes)) {
                        wait_for_due(changes);
                        continue;
                }
                pthread_mutex_unlock(&changes->lock);
                if (changes->spec.told)
                        changes->spec.told(changes->spec.context);
                pthread_mutex_lock(&changes->lock);
        }
        pthread_mutex_unlock(&changes->lock);
        return NULL;
}

static void init_lock(Changes *changes) {
        pthread_condattr_t attributes;

        pthread_mutex_init(&changes->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&changes->wake, &attributes);
        pthread_condattr_destroy(&attributes);
}

Changes *changes_new(const ChangesSpec *spec, Error **err) {
        size_t kept = spec->kept ? spec->kept : KEPT;
        Changes *changes = xcalloc(1, sizeof(*changes) + kept * sizeof(changes->kept[0]));

        changes->spec = *spec;
        changes->spec.kept = kept;
        if (changes->spec.together_ms == 0)
                changes->spec.together_ms = TOGETHER_MS;
        changes->first = changes->added = changes->told = (uint64_t) clock_now_us();
        init_lock(changes);
        int code = pthread_create(&changes->thread, NULL, run, changes);
        if (code == 0)
                return changes;
        pthread_cond_destroy(&changes->wake);
        pthread_mutex_destroy(&changes->lock);
        free(changes);
        error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerror(code));
        return NULL;
}

void changes_stop(Changes *changes) {
        if (!changes || changes->stopped)
                return;

        pthread_mutex_lock(&changes->lock);
        changes->stopping = true;
        pthread_cond_signal(&changes->wake);
        pthread_mutex_unlock(&changes->lock);
        pthread_join(changes->thread, NULL);
        changes->stopped = true;
}

void changes_free(Changes *changes) {
        if (!changes)
                return;

        changes_stop(changes);
        pthread_cond_destroy(&changes->wake);
        pthread_mutex_destroy(&changes->lock);
        free(changes);
}

/* Among those not told yet. With the lock held. */
static Change *find_waiting(Changes *changes, const Change *change) {
        for (uint64_t i = changes->added; i > changes->told; i--) {
                Change *waiting = &kept_at(changes, i)->change;

                if (waiting->collection == change->collection && strcmp(waiting->id, change->id) == 0)
                        return waiting;
        }
        return NULL;
}

void changes_add(Changes *changes, const Change *change) {
        pthread_mutex_lock(&changes->lock);
        Change *waiting = find_waiting(changes, change);
        if (waiting) {
                uint64_t sequence = waiting->sequence;
                *waiting = *change;
                waiting->sequence = sequence;
        } else {
                bool idle = changes->told == changes->added;
                Kept *kept = kept_at(changes, ++changes->added);

                *kept = (Kept){ .change = *change, .due = deadline_after_ms(changes->spec.together_ms) };
                kept->change.sequence = changes->added;
                /* More at once than are kept: the oldest counts as told, and readers see that it is gone. */
                if (changes->added - changes->told > changes->spec.kept)
                        changes->told++;
                if (idle)
                        pthread_cond_signal(&changes->wake);
        }
        pthread_mutex_unlock(&changes->lock);
}

uint64_t changes_newest(Changes *changes) {
        pthread_mutex_lock(&changes->lock);
        uint64_t newest = changes->told;
        pthread_mutex_unlock(&changes->lock);
        return newest;
}

bool changes_read(Changes *changes, uint64_t after, Change *ret, size_t max, size_t *ret_count) {
        size_t count = 0;

        pthread_mutex_lock(&changes->lock);
        bool known = after >= changes->first && after <= changes->told &&
                     changes->added - after <= changes->spec.kept;
        for (uint64_t i = after + 1; known && i <= changes->told && count < max; i++)
                ret[count++] = kept_at(changes, i)->change;
        pthread_mutex_unlock(&changes->lock);
        *ret_count = count;
        return known;
}
