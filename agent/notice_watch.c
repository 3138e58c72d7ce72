#include "notice_watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "metadata.h"
#include "notice.h"

enum { ROUND_TIMEOUT_MS = 2000, SLOWEST_MS = 300000 };

struct NoticeWatch {
        NoticeWatchSpec spec;
        Metadata *metadata; /* the thread's own, like failures and said */
        int64_t pause_ms;   /* longer while the service fails */
        char *said;         /* the trouble that was told last */
        pthread_t thread;
        pthread_mutex_t lock; /* guards everything below */
        pthread_cond_t wake;
        bool stopping, known;
        Notice notice;
};

/* ---- a look ---- */

/* A token that ran out is replaced by the second question. */
static bool ask(NoticeWatch *watch, const char *path, char **ret, size_t *ret_length, Error **err) {
        Deadline deadline = deadline_after_ms(ROUND_TIMEOUT_MS);
        CLEANUP(error_free) Error *problem = NULL;

        if (metadata_get(watch->metadata, path, deadline, ret, ret_length, &problem))
                return true;
        if (error_kind(problem) == ERROR_FORBIDDEN)
                return metadata_get(watch->metadata, path, deadline, ret, ret_length, err);
        *err = TAKE(problem);
        return false;
}

/* NONE in *ret: nothing is announced there. */
static bool look_at(NoticeWatch *watch, const NoticeSource *source, Notice *ret, Error **err) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *text = NULL;
        size_t length = 0;

        if (!ask(watch, source->path, &text, &length, &problem)) {
                if (error_kind(problem) == ERROR_NOT_FOUND)
                        return true;
                *err = TAKE(problem);
                return false;
        }
        return source->parse(text, length, ret, err) || error_prefix(err, "metadata %s", source->path);
}

static bool look(NoticeWatch *watch, Notice *ret, Error **err) {
        for (size_t i = 0; i < NOTICE_SOURCES && !ret->kind; i++)
                if (!look_at(watch, &notice_sources[i], ret, err))
                        return false;
        return true;
}

/* ---- what is known ---- */

static bool keep(NoticeWatch *watch, Notice *found) {
        pthread_mutex_lock(&watch->lock);
        bool changed =
                !watch->known || found->kind != watch->notice.kind || found->at_us != watch->notice.at_us ||
                !text_equal(
                        found->action ? found->action : "", watch->notice.action ? watch->notice.action : "");
        if (changed) {
                notice_clear(&watch->notice);
                watch->notice = *found;
                *found = (Notice){ 0 };
                watch->known = true;
        }
        pthread_mutex_unlock(&watch->lock);
        return changed;
}

/* Said once; a service that fails is asked less and less often. */
static void bear(NoticeWatch *watch, const Error *problem) {
        watch->pause_ms = watch->pause_ms > SLOWEST_MS / 2 ? SLOWEST_MS : watch->pause_ms * 2;
        if (text_equal(watch->said, error_message(problem)))
                return;
        log_warn("notices: %s", error_message(problem));
        free(watch->said);
        watch->said = xstrdup(error_message(problem));
}

static void look_once(NoticeWatch *watch) {
        CLEANUP(notice_clear) Notice found = { 0 };
        CLEANUP(error_free) Error *problem = NULL;

        if (!look(watch, &found, &problem)) {
                bear(watch, problem);
                return;
        }
        watch->pause_ms = watch->spec.interval_ms;
        free(TAKE(watch->said));
        if (keep(watch, &found))
                watch->spec.on_change(watch->spec.context);
}

/* ---- life ---- */

static bool rest(NoticeWatch *watch) {
        Deadline next = deadline_after_ms(watch->pause_ms);
        struct timespec until = { .tv_sec = next / 1000, .tv_nsec = (next % 1000) * 1000000 };

        pthread_mutex_lock(&watch->lock);
        while (!watch->stopping && pthread_cond_timedwait(&watch->wake, &watch->lock, &until) == 0)
                ;
        bool go_on = !watch->stopping;
        pthread_mutex_unlock(&watch->lock);
        return go_on;
}

static void *run(void *argument) {
        NoticeWatch *watch = argument;

        pthread_setname_np(pthread_self(), "notices");
        do
                look_once(watch);
        while (rest(watch));
        return NULL;
}

static void destroy(NoticeWatch *watch) {
        pthread_cond_destroy(&watch->wake);
        pthread_mutex_destroy(&watch->lock);
        metadata_free(watch->metadata);
        notice_clear(&watch->notice);
        free(watch->said);
        free(watch);
}

NoticeWatch *notice_watch_start(const NoticeWatchSpec *spec, Error **err) {
        Metadata *metadata = metadata_new(spec->endpoint, err);
        pthread_condattr_t monotonic;

        if (!metadata)
                return NULL;
        NoticeWatch *watch = xcalloc(1, sizeof(*watch));
        *watch = (NoticeWatch){ .spec = *spec, .metadata = metadata, .pause_ms = spec->interval_ms };
        pthread_mutex_init(&watch->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&watch->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (pthread_create(&watch->thread, NULL, run, watch) == 0)
                return watch;
        error_set(err, ERROR_UNAVAILABLE, "no thread for notices");
        destroy(watch);
        return NULL;
}

void notice_watch_stop(NoticeWatch *watch) {
        if (!watch)
                return;
        pthread_mutex_lock(&watch->lock);
        watch->stopping = true;
        pthread_cond_signal(&watch->wake);
        pthread_mutex_unlock(&watch->lock);
        pthread_join(watch->thread, NULL);
        destroy(watch);
}

Ghost__Notice *notice_watch_get(NoticeWatch *watch) {
        Ghost__Notice *notice = NULL;

        pthread_mutex_lock(&watch->lock);
        if (watch->known) {
                notice = xcalloc(1, sizeof(*notice));
                ghost__notice__init(notice);
                notice->kind = watch->notice.kind;
                notice->at_us = watch->notice.at_us;
                if (watch->notice.action)
                        notice->action = xstrdup(watch->notice.action);
        }
        pthread_mutex_unlock(&watch->lock);
        return notice;
}
