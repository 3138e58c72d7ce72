/* The agent's end of the link: dials, proves who it is (or enrols), takes orders, sends what the task journal
 * holds, and dials again with growing, jittered waits. One thread dials and reads, one sends; requests for
 * packages are made from task threads and wait for their answer. */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "bootstrap.h"
#include "channel.h"
#include "identity.h"
#include "release/fetch.h"
#include "run/task_journal.h"
#include "wire/ghost.pb-c.h"

typedef struct LinkClient LinkClient;

typedef struct LinkClientSpec {
        const ChannelDriver *driver;
        const Bootstrap *bootstrap;
        Identity *identity; /* changed by enrolment and renewal, in the reading thread */
        const char *identity_file;
        const Ghost__Facts *facts;
        TaskJournal *journal;
        int64_t refused_wait_ms; /* after a refusal that is final; 0: five minutes */

        /* In the reading thread; must not block. */
        void (*on_task)(void *context, const Ghost__Task *task);
        void (*on_cancel)(void *context, const char *task_id);
        /* In the sending thread: what stands here now; freed with ghost__report__free_unpacked(). */
        Ghost__Report *(*make_report)(void *context);
        /* In either thread, and only when both move: after a heartbeat that follows words of the controller,
         * and after each try to reach it. Never at a time of its own. NULL: nobody asks. */
        void (*on_alive)(void *context);
        void *context;
} LinkClientSpec;

LinkClient *link_client_new(const LinkClientSpec *spec);
void link_client_start(LinkClient *link);
/* Says goodbye and ends both threads. */
void link_client_stop(LinkClient *link);
void link_client_free(LinkClient *link);

/* Something is in the journal, or the report has changed. Any thread. */
void link_client_wake(LinkClient *link, bool report_changed);
/* Sent when there is a session, dropped when there is none. */
void link_client_progress(LinkClient *link, const Ghost__TaskProgress *progress);
void link_client_accept_task(LinkClient *link, const char *task_id);
/* Receipt of a task that was not accepted; packed. */
void link_client_refuse_task(LinkClient *link, const uint8_t *receipt, size_t length);

/* Packages over the link; context is the LinkClient. */
PackageSource link_client_packages(LinkClient *link);
