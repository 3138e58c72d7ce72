#include "groups/group_watcher.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "aws/app_place.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "groups/group_round.h"
#include "groups/straggler.h"
#include "store/collection.h"

enum { PLACE_TIMEOUT_MS = 60000, NAMES_MAX = 50 };

struct GroupWatcher {
        GroupWatcherSpec spec;
        pthread_t thread, stragglers;
        pthread_mutex_t lock; /* guards stopping and last_trouble */
        pthread_cond_t wake;
        bool stopping;
        char *last_trouble; /* said once, not every few seconds */
        AppTroubles *troubles;
        uint64_t quiet; /* the stragglers' thread: no straggler with those changes; 0: not known */
};

static bool is_stopping(void *context) {
        GroupWatcher *watcher = context;

        pthread_mutex_lock(&watcher->lock);
        bool stopping = watcher->stopping;
        pthread_mutex_unlock(&watcher->lock);
        return stopping;
}

static void trouble(GroupWatcher *watcher, const Error *error) {
        if (is_stopping(watcher))
                return;
        pthread_mutex_lock(&watcher->lock);
        bool known = text_equal(watcher->last_trouble, error_message(error));
        if (!known) {
                free(watcher->last_trouble);
                watcher->last_trouble = xstrdup(error_message(error));
        }
        pthread_mutex_unlock(&watcher->lock);
        if (!known)
                log_warn("groups: %s", error_message(error));
}

/* The next one is news again. */
static void no_trouble(GroupWatcher *watcher) {
        pthread_mutex_lock(&watcher->lock);
        free(TAKE(watcher->last_trouble));
        pthread_mutex_unlock(&watcher->lock);
}

/* ---- applications in one place ---- */

static bool same_place(const Document *one, const Document *other) {
        static const char *const members[] = { "region", "assumed_account_id", "assumed_role_name",
                                               "assumed_external_id", "assumed_region_name" };

        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                if (!text_equal(document_get_string(one, members[i]), document_get_string(other, members[i])))
                        return false;
        return true;
}

static const AutoScalingGroup *find_group(const AutoScalingGroups *groups, const char *name) {
        for (size_t i = 0; i < groups->count; i++)
                if (text_equal(groups->items[i].name, name))
                        return &groups->items[i];
        return NULL;
}

typedef struct Place {
        const Document *apps[NAMES_MAX];
        size_t count;
} Place;

static void visit(GroupWatcher *watcher, const Place *place) {
        CLEANUP(string_list_clear) StringList names = { 0 };
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups groups = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        AppPlace where;

        app_place_read(place->apps[0], &where);
        AwsSession session = { .aws = watcher->spec.aws,
                               .region = where.region,
                               .role = app_place_role(&where),
                               .deadline = deadline_after_ms(PLACE_TIMEOUT_MS),
                               .cancelled = is_stopping,
                               .context = watcher };

        for (size_t i = 0; i < place->count; i++) {
                const char *name = document_get_string(place->apps[i], "autoscale.name");
                if (!string_list_contains(&names, name))
                        string_list_add(&names, name);
        }
        if (!asg_describe_groups(&session, &names, &groups, &error)) {
                trouble(watcher, error);
                for (size_t i = 0; i < place->count; i++)
                        app_troubles_tell(watcher->troubles, place->apps[i], NULL, error_message(error));
                return;
        }
        no_trouble(watcher);
        for (size_t i = 0; i < place->count && !is_stopping(watcher); i++) {
                const char *name = document_get_string(place->apps[i], "autoscale.name");
                const GroupRound round = {
                        .spec = &watcher->spec,
                        .troubles = watcher->troubles,
                        .session = &session,
                        .app = place->apps[i],
                        .group_name = name,
                        .group = find_group(&groups, name),
                };
                group_round_run(&round);
        }
}

/* Takes the first application that is left and those that are where it is. */
static void next_place(const Document *apps, bool *taken, Place *ret) {
        for (size_t i = 0; i < document_count(apps) && ret->count < NAMES_MAX; i++) {
                const Document *app = document_at(apps, i);

                if (taken[i] || (ret->count > 0 && !same_place(ret->apps[0], app)))
                        continue;
                taken[i] = true;
                if (*document_get_string(app, "autoscale.name"))
                        ret->apps[ret->count++] = app;
        }
}

/* Of all that a straggler is known by: which release is wanted changes within a job. */
static uint64_t changes_so_far(const Store *store) {
        return 1 + collection_changes(store, COLLECTION_APPS) + collection_changes(store, COLLECTION_JOBS) +
               collection_changes(store, COLLECTION_INSTANCES);
}

static void look_for_stragglers(GroupWatcher *watcher) {
        const StragglerStop stop = { .asked = is_stopping, .context = watcher };
        CLEANUP(document_free) Document *apps = NULL;
        CLEANUP(error_free) Error *failed = NULL;
        uint64_t changes = changes_so_far(watcher->spec.store);
        bool quiet = true;

        if (changes == watcher->quiet)
                return;
        if (!collection_find(watcher->spec.store, COLLECTION_APPS, NULL, &apps, &failed)) {
                trouble(watcher, failed);
                return;
        }
        for (size_t i = 0; i < document_count(apps) && !is_stopping(watcher); i++) {
                CLEANUP(error_free) Error *error = NULL;
                bool found = false;

                bool ok = stragglers_look(&watcher->spec, document_at(apps, i), &stop, &found, &error);
                if (!ok)
                        trouble(watcher, error);
                quiet = quiet && ok && !found;
        }
        watcher->quiet = quiet ? changes : 0;
}

static void look_around(GroupWatcher *watcher) {
        CLEANUP(document_free) Document *apps = NULL;
        CLEANUP(error_free) Error *error = NULL;

        if (!collection_find(watcher->spec.store, COLLECTION_APPS, NULL, &apps, &error)) {
                trouble(watcher, error);
                return;
        }
        CLEANUP(free) bool *taken = xcalloc(document_count(apps) + 1, sizeof(*taken));
        for (;;) {
                Place place = { 0 };

                next_place(apps, taken, &place);
                if (place.count == 0 || is_stopping(watcher))
                        return;
                visit(watcher, &place);
        }
}

/* ---- life ---- */

static void rest(GroupWatcher *watcher) {
        Deadline next = deadline_after_ms(watcher->spec.interval_ms);
        struct timespec until = { .tv_sec = next / 1000, .tv_nsec = (next % 1000) * 1000000 };

        pthread_mutex_lock(&watcher->lock);
        while (!watcher->stopping && pthread_cond_timedwait(&watcher->wake, &watcher->lock, &until) == 0)
                ;
        pthread_mutex_unlock(&watcher->lock);
}

static void *run(void *argument) {
        GroupWatcher *watcher = argument;

        while (!is_stopping(watcher)) {
                int64_t began_ms = clock_monotonic_ms();

                look_around(watcher);
                app_troubles_forget_before(watcher->troubles, began_ms);
                rest(watcher);
        }
        return NULL;
}

static void *run_stragglers(void *argument) {
        GroupWatcher *watcher = argument;

        while (!is_stopping(watcher)) {
                look_for_stragglers(watcher);
                rest(watcher);
        }
        return NULL;
}

static void stop_all(GroupWatcher *watcher) {
        pthread_mutex_lock(&watcher->lock);
        watcher->stopping = true;
        pthread_cond_broadcast(&watcher->wake);
        pthread_mutex_unlock(&watcher->lock);
}

static void destroy(GroupWatcher *watcher) {
        pthread_cond_destroy(&watcher->wake);
        pthread_mutex_destroy(&watcher->lock);
        app_troubles_free(watcher->troubles);
        free(watcher->last_trouble);
        free(watcher);
}

GroupWatcher *group_watcher_start(const GroupWatcherSpec *spec, Error **err) {
        GroupWatcher *watcher = xcalloc(1, sizeof(*watcher));
        pthread_condattr_t monotonic;

        watcher->spec = *spec;
        watcher->troubles = app_troubles_new();
        pthread_mutex_init(&watcher->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&watcher->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (pthread_create(&watcher->thread, NULL, run, watcher) == 0) {
                if (pthread_create(&watcher->stragglers, NULL, run_stragglers, watcher) == 0)
                        return watcher;
                stop_all(watcher);
                pthread_join(watcher->thread, NULL);
        }
        error_set(err, ERROR_UNAVAILABLE, "no thread for the group watcher");
        destroy(watcher);
        return NULL;
}

void group_watcher_stop(GroupWatcher *watcher) {
        if (!watcher)
                return;

        stop_all(watcher);
        pthread_join(watcher->thread, NULL);
        pthread_join(watcher->stragglers, NULL);
        destroy(watcher);
}

Document *group_watcher_describe_troubles(GroupWatcher *watcher) {
        return app_troubles_describe(watcher->troubles);
}
