#include "hub/hub.h"

#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "hub/door.h"
#include "hub/session.h"

enum {
        WORKERS = 4,
        TICK_MS = 100,
        HELLO_TIMEOUT_MS = 10000,
        WAIT_MOST_MS = 30000, /* for its turn; an agent has given up by then */
        QUEUE_BYTES = 4 << 20,
        FAREWELL_MS = 2000,
        STOP_MS = 5000,
        RETRY_AFTER_STOP_MS = 1000,
        INBOX_PAUSE = INBOX_MAX - 4, /* a few may still come after the pause */
        INBOX_RESUME = INBOX_MAX / 4,
};

struct Hub {
        HubSpec spec;
        HubEvents events;
        SessionHost host;
        char *authority_certificate;
        LinkListener *listener;
        pthread_t workers[WORKERS];
        pthread_t ticker;
        bool threads_run;

        /* Sessions are added here by nng's threads and removed by workers. Under it only link calls that
         * queue are made. */
        pthread_mutex_t lock;
        pthread_cond_t emptied;
        Session *sessions;
        Door *door;
        void *agents; /* tree of search.h: the ready session of each agent, by its id */
        size_t session_count, ready_count;
        bool stopping;

        /* Taken by nng's threads; nothing else is taken under it. */
        pthread_mutex_t queue_lock;
        pthread_cond_t queue_grown;
        Session *queue_first, *queue_last;
        uint64_t taken; /* out of the queue, ever */
        bool workers_stop;

        _Atomic int64_t moved_ms;
};

/* ---- the queue of sessions that have something to do
 * -------------------------------------------------------------- */

/* With the queue lock held. */
static void enqueue(Hub *hub, Session *session) {
        if (session->queued)
                return;
        session->queued = true;
        session->next_queued = NULL;
        if (hub->queue_last)
                hub->queue_last->next_queued = session;
        else
                hub->queue_first = session;
        hub->queue_last = session;
        pthread_cond_signal(&hub->queue_grown);
}

static void on_received(void *context, Link *link, uint8_t *bytes, size_t length) {
        Session *session = context;
        Hub *hub = session->hub;

        pthread_mutex_lock(&hub->queue_lock);
        session->inbox[(session->inbox_first + session->inbox_count++) % INBOX_MAX] =
                (InboxFrame){ .bytes = bytes, .length = length };
        if (session->inbox_count >= INBOX_PAUSE && !session->paused) {
                session->paused = true;
                link_pause(link);
        }
        enqueue(hub, session);
        pthread_mutex_unlock(&hub->queue_lock);
}

static void on_closed(void *context, Link *link, const char *reason) {
        Session *session = context;
        Hub *hub = session->hub;

        (void) link;
        pthread_mutex_lock(&hub->queue_lock);
        session->closed = true;
        session->closed_reason = xstrdup(reason);
        enqueue(hub, session);
        pthread_mutex_unlock(&hub->queue_lock);
}

/* ---- sessions
 * ------------------------------------------------------------------------------------------------------ */

/* With the lock held. */
static const char *reason_to_refuse(const Hub *hub, Session *session) {
        if (hub->stopping)
                return "stopping";
        if ((int64_t) hub->session_count >= hub->spec.connections_max)
                return "too many connections";
        return door_knock(hub->door, session, link_address(session->link))
                       ? NULL
                       : "too many connections of one address";
}

/* With the lock held. */
static void let_in(Hub *hub) {
        Session *session;

        while ((session = door_next(hub->door))) {
                session->since_ms = clock_monotonic_ms();
                session_challenge(session);
                link_start(session->link);
        }
}

/* Its link was not started. With the lock held. */
static void turn_away(Session *session, const char *reason) {
        link_close(session->link, reason);
        link_start(session->link);
}

static void leave_door(Hub *hub, Session *session) {
        pthread_mutex_lock(&hub->lock);
        door_leave(hub->door, session);
        let_in(hub);
        pthread_mutex_unlock(&hub->lock);
}

/* With the lock held. */
static void add_session(Hub *hub, Session *session) {
        session->next = hub->sessions;
        if (session->next)
                session->next->previous = session;
        hub->sessions = session;
        hub->session_count++;
}

/* On an nng thread. A refused link is given to the workers too, who alone may free it. */
static void on_accepted(void *context, Link *link) {
        Hub *hub = context;
        Session *session = xcalloc(1, sizeof(*session));
        const LinkEvents events = { .context = session, .received = on_received, .closed = on_closed };

        session->hub = hub;
        session->link = link;
        session->since_ms = clock_monotonic_ms();
        crypto_random(session->nonce, NONCE_BYTES);
        link_set_events(link, &events);

        /* Started under the lock: a worker that finds it closed at once cannot free it before we have let go
         * of it. */
        pthread_mutex_lock(&hub->lock);
        const char *refused = reason_to_refuse(hub, session);
        add_session(hub, session);
        if (refused)
                turn_away(session, refused);
        else
                let_in(hub);
        pthread_mutex_unlock(&hub->lock);
}

static int compare_agents(const void *a, const void *b) {
        return strcmp(((const Session *) a)->agent_id, ((const Session *) b)->agent_id);
}

/* The agent's place in the tree; NULL: it has none. With the lock held. */
static Session **place_of(const Hub *hub, const char *agent_id) {
        const Session wanted = { .agent_id = (char *) agent_id };

        return tfind(&wanted, &hub->agents, compare_agents);
}

/* The session is the agent's only one from now on. On a worker. */
static void on_ready(Hub *hub, Session *session) {
        pthread_mutex_lock(&hub->lock);
        Session **place = tsearch(session, &hub->agents, compare_agents);
        if (!place)
                abort();
        if (*place != session) {
                atomic_store(&(*place)->replaced, true);
                link_close((*place)->link, "the agent has connected again");
                *place = session;
        }
        hub->ready_count++;
        atomic_store(&session->state, SESSION_READY);
        pthread_mutex_unlock(&hub->lock);
}

static void remove_session(Hub *hub, Session *session) {
        pthread_mutex_lock(&hub->lock);
        *(session->previous ? &session->previous->next : &hub->sessions) = session->next;
        if (session->next)
                session->next->previous = session->previous;
        hub->session_count--;
        door_leave(hub->door, session);
        let_in(hub);
        if (session->agent_id) {
                Session **place = place_of(hub, session->agent_id);
                hub->ready_count--;
                if (place && *place == session)
                        (void) tdelete(session, &hub->agents, compare_agents);
        }
        if (!hub->sessions)
                pthread_cond_broadcast(&hub->emptied);
        pthread_mutex_unlock(&hub->lock);

        if (session->agent_id && !atomic_load(&session->replaced))
                hub->events.disconnected(hub->events.context, session->agent_id, session->closed_reason);
        session_free(session);
}

/* ---- workers
 * ------------------------------------------------------------------------------------------------------- */

/* The next frame of the session; false when there is none. Resumes reading when there is room again. */
static bool take_frame(Hub *hub, Session *session, InboxFrame *ret) {
        bool found = false, resume = false;

        pthread_mutex_lock(&hub->queue_lock);
        if (session->inbox_count) {
                *ret = session->inbox[session->inbox_first];
                session->inbox_first = (session->inbox_first + 1) % INBOX_MAX;
                session->inbox_count--;
                found = true;
        }
        if (session->paused && session->inbox_count <= INBOX_RESUME) {
                session->paused = false;
                resume = true;
        }
        pthread_mutex_unlock(&hub->queue_lock);
        if (resume)
                link_resume(session->link);
        return found;
}

static Session *take_session(Hub *hub) {
        pthread_mutex_lock(&hub->queue_lock);
        while (!hub->queue_first && !hub->workers_stop)
                pthread_cond_wait(&hub->queue_grown, &hub->queue_lock);
        Session *session = hub->queue_first;
        if (session) {
                hub->taken++;
                hub->queue_first = session->next_queued;
                if (!hub->queue_first)
                        hub->queue_last = NULL;
        }
        pthread_mutex_unlock(&hub->queue_lock);
        return session;
}

/* One frame, then the end of the queue again, so that a busy agent does not keep a worker. */
static void work_on(Hub *hub, Session *session) {
        CLEANUP(free) uint8_t *bytes = NULL;
        InboxFrame frame;
        bool over = false;

        if (take_frame(hub, session, &frame)) {
                bool stranger = atomic_load(&session->state) == SESSION_NEW;

                bytes = frame.bytes;
                session_handle(session, &hub->host, frame.bytes, frame.length);
                if (stranger && atomic_load(&session->state) != SESSION_NEW)
                        leave_door(hub, session);
        }
        pthread_mutex_lock(&hub->queue_lock);
        session->queued = false;
        if (session->inbox_count)
                enqueue(hub, session);
        else
                over = session->closed;
        if (over)
                session->queued = true; /* nobody else takes it any more */
        pthread_mutex_unlock(&hub->queue_lock);
        if (over)
                remove_session(hub, session);
}

static void *run_worker(void *argument) {
        Hub *hub = argument;
        Session *session;

        (void) pthread_setname_np(pthread_self(), "ghost-hub");
        while ((session = take_session(hub)))
                work_on(hub, session);
        return NULL;
}

/* ---- time
 * ------------------------------------------------------------------------------------------------------------
 */

static void send_heartbeat(Session *session) {
        Ghost__Heartbeat heartbeat = GHOST__HEARTBEAT__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(heartbeat, HEARTBEAT, &heartbeat);

        heartbeat.sent_us = clock_now_us();
        session_send(session, &envelope);
}

static void tick_session(const Hub *hub, Session *session, int64_t now_ms, bool heartbeat) {
        switch ((SessionState) atomic_load(&session->state)) {
        case SESSION_NEW:
                if (session->at_door == AT_DOOR_INSIDE &&
                    now_ms - session->since_ms > hub->spec.hello_timeout_ms)
                        link_close(session->link, "did not say in time who it is");
                break;
        case SESSION_READY:
                if (heartbeat)
                        send_heartbeat(session);
                break;
        case SESSION_FAREWELL:
                if (now_ms - session->farewell_ms > FAREWELL_MS)
                        link_close(session->link, "dismissed");
                break;
        }
}

/* With the lock held. Work on those would be for nobody. */
static void turn_away_late(Hub *hub, int64_t since_ms) {
        Session *session;

        while ((session = door_give_up(hub->door, since_ms)))
                turn_away(session, "waited too long for its turn");
}

/* Workers that are all held up somewhere take nothing, though something waits. */
static void note_movement(Hub *hub, uint64_t *taken_before) {
        pthread_mutex_lock(&hub->queue_lock);
        bool moves = !hub->queue_first || hub->taken != *taken_before;
        *taken_before = hub->taken;
        pthread_mutex_unlock(&hub->queue_lock);
        if (moves)
                atomic_store(&hub->moved_ms, clock_monotonic_ms());
}

static void *run_ticker(void *argument) {
        Hub *hub = argument;
        uint64_t taken_before = 0;
        int64_t next_heartbeat_ms = clock_monotonic_ms() + hub->spec.heartbeat_ms;

        (void) pthread_setname_np(pthread_self(), "ghost-hub-time");
        for (bool stop = false; !stop; clock_sleep_ms(TICK_MS)) {
                int64_t now_ms = clock_monotonic_ms();
                bool heartbeat = now_ms >= next_heartbeat_ms;

                if (heartbeat)
                        next_heartbeat_ms = now_ms + hub->spec.heartbeat_ms;
                pthread_mutex_lock(&hub->lock);
                for (Session *session = hub->sessions; session; session = session->next)
                        tick_session(hub, session, now_ms, heartbeat);
                turn_away_late(hub, now_ms - WAIT_MOST_MS);
                stop = hub->stopping && !hub->sessions;
                pthread_mutex_unlock(&hub->lock);
                note_movement(hub, &taken_before);
        }
        return NULL;
}

/* ---- life
 * ----------------------------------------------------------------------------------------------------------
 */

static void init_locks(Hub *hub) {
        pthread_condattr_t attributes;

        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_mutex_init(&hub->lock, NULL);
        pthread_cond_init(&hub->emptied, &attributes);
        pthread_mutex_init(&hub->queue_lock, NULL);
        pthread_cond_init(&hub->queue_grown, &attributes);
        pthread_condattr_destroy(&attributes);
}

static void start_threads(Hub *hub) {
        atomic_store(&hub->moved_ms, clock_monotonic_ms());
        for (int i = 0; i < WORKERS; i++)
                if (pthread_create(&hub->workers[i], NULL, run_worker, hub) != 0)
                        abort();
        if (pthread_create(&hub->ticker, NULL, run_ticker, hub) != 0)
                abort();
        hub->threads_run = true;
}

Hub *hub_start(const HubSpec *spec, const HubEvents *events, Error **err) {
        Hub *hub = xcalloc(1, sizeof(*hub));
        const LinkCredentials credentials = {
                .authority = spec->authority_certificate,
                .certificate = spec->certificate,
                .key = spec->key,
        };
        const LinkListenerEvents listener_events = { .context = hub, .accepted = on_accepted };

        hub->spec = *spec;
        hub->events = *events;
        hub->authority_certificate = xstrdup(spec->authority_certificate);
        hub->spec.authority_certificate = hub->authority_certificate;
        if (!hub->spec.hello_timeout_ms)
                hub->spec.hello_timeout_ms = HELLO_TIMEOUT_MS;
        if (!hub->spec.queue_bytes)
                hub->spec.queue_bytes = QUEUE_BYTES;
        hub->host = (SessionHost){ .spec = &hub->spec, .events = &hub->events, .ready = on_ready };
        hub->door = door_new(spec->strangers_per_address);
        init_locks(hub);
        start_threads(hub);

        const LinkLimits limits = {
                .queue_bytes = hub->spec.queue_bytes,
                .send_timeout_ms = (int) hub->spec.hello_timeout_ms,
                .receive_timeout_ms = (int) hub->spec.hello_timeout_ms,
                .frame_max = LINK_FRAME_MAX_STRANGER,
        };
        hub->listener = link_listen(spec->address, &credentials, &limits, &listener_events, err);
        if (hub->listener)
                return hub;
        hub_stop(hub);
        hub_free(hub);
        return NULL;
}

int64_t hub_moved_ms(const Hub *hub) {
        return atomic_load(&hub->moved_ms);
}

int hub_port(const Hub *hub) {
        return link_listener_port(hub->listener);
}

static void dismiss_all(Hub *hub, bool politely) {
        pthread_mutex_lock(&hub->lock);
        hub->stopping = true;
        turn_away_late(hub, INT64_MAX);
        for (Session *session = hub->sessions; session; session = session->next) {
                if (politely && atomic_load(&session->state) == SESSION_READY)
                        session_say_goodbye(session, "the controller is stopping", RETRY_AFTER_STOP_MS);
                else
                        link_close(session->link, "the controller is stopping");
        }
        pthread_mutex_unlock(&hub->lock);
}

static void wait_until_empty(Hub *hub, int64_t timeout_ms) {
        int64_t end_ms = clock_monotonic_ms() + timeout_ms;
        const struct timespec end = { .tv_sec = end_ms / 1000, .tv_nsec = end_ms % 1000 * 1000000 };

        pthread_mutex_lock(&hub->lock);
        while (hub->sessions && pthread_cond_timedwait(&hub->emptied, &hub->lock, &end) == 0)
                continue;
        pthread_mutex_unlock(&hub->lock);
}

void hub_stop(Hub *hub) {
        if (!hub || !hub->threads_run)
                return;

        if (hub->listener)
                link_listener_stop(hub->listener);
        dismiss_all(hub, true);
        wait_until_empty(hub, FAREWELL_MS);
        dismiss_all(hub, false);
        wait_until_empty(hub, STOP_MS);
        pthread_join(hub->ticker, NULL);

        pthread_mutex_lock(&hub->queue_lock);
        hub->workers_stop = true;
        pthread_cond_broadcast(&hub->queue_grown);
        pthread_mutex_unlock(&hub->queue_lock);
        for (int i = 0; i < WORKERS; i++)
                pthread_join(hub->workers[i], NULL);
        hub->threads_run = false;
}

void hub_free(Hub *hub) {
        if (!hub)
                return;

        link_listener_free(hub->listener);
        pthread_cond_destroy(&hub->queue_grown);
        pthread_mutex_destroy(&hub->queue_lock);
        pthread_cond_destroy(&hub->emptied);
        pthread_mutex_destroy(&hub->lock);
        door_free(hub->door);
        free(hub->authority_certificate);
        free(hub);
}

/* ---- for the others
 * -------------------------------------------------------------------------------------------------- */

/* With the lock held. */
static Session *find_ready(const Hub *hub, const char *agent_id) {
        Session **place = place_of(hub, agent_id);

        return place && atomic_load(&(*place)->state) == SESSION_READY ? *place : NULL;
}

bool hub_agent_connected(Hub *hub, const char *agent_id) {
        pthread_mutex_lock(&hub->lock);
        bool connected = find_ready(hub, agent_id) != NULL;
        pthread_mutex_unlock(&hub->lock);
        return connected;
}

size_t hub_connected_count(Hub *hub) {
        pthread_mutex_lock(&hub->lock);
        size_t count = hub->ready_count;
        pthread_mutex_unlock(&hub->lock);
        return count;
}

size_t hub_stranger_count(Hub *hub) {
        pthread_mutex_lock(&hub->lock);
        size_t count = hub->session_count - hub->ready_count;
        pthread_mutex_unlock(&hub->lock);
        return count;
}

void hub_disconnect(Hub *hub, const char *agent_id, const char *reason) {
        pthread_mutex_lock(&hub->lock);
        Session *session = find_ready(hub, agent_id);
        if (session)
                link_close(session->link, reason);
        pthread_mutex_unlock(&hub->lock);
}

static bool send_to(Hub *hub, const char *agent_id, Ghost__Envelope *envelope) {
        pthread_mutex_lock(&hub->lock);
        Session *session = find_ready(hub, agent_id);
        if (session)
                session_send(session, envelope);
        pthread_mutex_unlock(&hub->lock);
        return session != NULL;
}

bool hub_send_task(Hub *hub, const char *agent_id, const Ghost__Task *task) {
        Ghost__Envelope envelope = ENVELOPE_OF(task, TASK, (Ghost__Task *) task);

        return send_to(hub, agent_id, &envelope);
}

bool hub_send_cancel(Hub *hub, const char *agent_id, const char *task_id) {
        Ghost__Cancel cancel = GHOST__CANCEL__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(cancel, CANCEL, &cancel);

        cancel.task_id = (char *) task_id;
        return send_to(hub, agent_id, &envelope);
}
