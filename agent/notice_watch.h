/* Asks the metadata service, on a thread of its own, what is announced for this instance. */
#pragma once

#include "base/error.h"
#include "wire/ghost.pb-c.h"

typedef struct NoticeWatch NoticeWatch;

typedef struct NoticeWatchSpec {
        const char *endpoint; /* of the metadata service */
        int64_t interval_ms;
        /* Something else is known now than before; on the watch's thread. */
        void (*on_change)(void *context);
        void *context;
} NoticeWatchSpec; /* what it points to outlives the watch */

NoticeWatch *notice_watch_start(const NoticeWatchSpec *spec, Error **err);
/* Ends the thread, within the seconds that a question may take. NULL is none. */
void notice_watch_stop(NoticeWatch *watch);
/* For a report. NULL: nothing is known yet. Freed with ghost__notice__free_unpacked(). */
Ghost__Notice *notice_watch_get(NoticeWatch *watch);
