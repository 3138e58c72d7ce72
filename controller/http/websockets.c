#include "http/websockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/exchange.h"

enum { EVENTS = 64, LOOK_MS = 1000, MESSAGES_AT_ONCE = 4 };

struct Websocket {
        Websocket *next, *previous;
        Websockets *owner;
        WebsocketSource source;
        int fd;
        struct MHD_UpgradeResponseHandle *handle;
        wslay_event_context_ptr protocol;
        char *early; /* came together with the request */
        size_t early_length, early_read;
        bool woken; /* guarded by the owner's lock */
        bool over, waits_to_write;
        Deadline stuck_at; /* while something waits to be taken */
};

static ssize_t receive(
        wslay_event_context_ptr protocol, uint8_t *buffer, size_t size, int flags, void *context) {
        Websocket *websocket = context;
        size_t early = websocket->early_length - websocket->early_read;

        (void) flags;
        if (early > 0) {
                size_t taken = early < size ? early : size;

                memcpy(buffer, websocket->early + websocket->early_read, taken);
                websocket->early_read += taken;
                return (ssize_t) taken;
        }
        ssize_t length = recv(websocket->fd, buffer, size, 0);
        if (length > 0)
                return length;
        bool later = length < 0 && (errno == EAGAIN || errno == EINTR);
        wslay_event_set_error(protocol, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
}

static ssize_t transmit(
        wslay_event_context_ptr protocol, const uint8_t *bytes, size_t length, int flags, void *context) {
        Websocket *websocket = context;
        ssize_t sent = send(websocket->fd, bytes, length, MSG_NOSIGNAL);

        (void) flags;
        if (sent > 0) {
                websocket->stuck_at = deadline_after_ms(WEBSOCKET_STUCK_MS);
                return sent;
        }
        bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
        wslay_event_set_error(protocol, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
}

static void on_message(
        wslay_event_context_ptr protocol, const struct wslay_event_on_msg_recv_arg *message, void *context) {
        Websocket *websocket = context;

        if (wslay_is_ctrl_frame(message->opcode)) /* the library answers those */
                return;
        if (message->opcode != WSLAY_TEXT_FRAME) {
                wslay_event_queue_close(protocol, WSLAY_CODE_UNSUPPORTED_DATA, NULL, 0);
                return;
        }
        const char *bytes = message->msg_length > 0 ? (const char *) message->msg : ""; /* NULL of nothing */
        CLEANUP(free) char *text = xstrndup(bytes, message->msg_length);
        if (strlen(text) != message->msg_length || !websocket->source.take(websocket->source.context, text))
                wslay_event_queue_close(protocol, WSLAY_CODE_PROTOCOL_ERROR, NULL, 0);
}

static const struct wslay_event_callbacks callbacks = {
        .recv_callback = receive,
        .send_callback = transmit,
        .on_msg_recv_callback = on_message,
};

static void websocket_free(Websocket *websocket) {
        followers_give_place_back(websocket->owner->followers);
        if (websocket->source.free)
                websocket->source.free(websocket->source.context);
        wslay_event_context_free(websocket->protocol);
        free(websocket->early);
        free(websocket);
}

void websocket_discard(Websocket *websocket) {
        if (websocket)
                websocket_free(websocket);
}

static void wake_thread(const Websockets *websockets) {
        const uint64_t one = 1;

        if (write(websockets->wake, &one, sizeof(one)) < 0)
                return; /* it is full: the thread has enough to wake up for */
}

/* The request has become a websocket: from here on it is the thread's. */
static void on_upgrade(
        void *context, struct MHD_Connection *connection, void *request, const char *early,
        size_t early_length, MHD_socket fd, struct MHD_UpgradeResponseHandle *handle) {
        Websocket *websocket = context;
        Websockets *websockets = websocket->owner;

        (void) connection;
        exchange_forget_websocket(request);
        websocket->fd = fd;
        websocket->handle = handle;
        websocket->early = early_length > 0 ? xmemdup(early, early_length) : NULL;
        websocket->early_length = early_length;
        (void) fcntl(fd, F_SETFL, O_NONBLOCK); /* NOLINT(hicpp-vararg) */

        pthread_mutex_lock(&websockets->lock);
        bool stopping = websockets->stopping;
        if (!stopping) {
                struct epoll_event event = { .events = EPOLLIN, .data.ptr = websocket };

                websocket->woken = true; /* it may have something to say at once */
                websocket->next = websockets->first;
                if (websocket->next)
                        websocket->next->previous = websocket;
                websockets->first = websocket;
                if (epoll_ctl(websockets->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
                        websocket->over = true;
        }
        pthread_mutex_unlock(&websockets->lock);
        if (!stopping) {
                wake_thread(websockets);
                return;
        }
        MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
        websocket_free(websocket);
}

struct MHD_Response *websockets_answer(Websockets *websockets, Response *response, Websocket **ret) {
        if (!followers_take_place(websockets->followers))
                return NULL;
        Websocket *websocket = xcalloc(1, sizeof(*websocket));
        websocket->owner = websockets;
        websocket->fd = -1;
        websocket->source = response->websocket;
        response->websocket = (WebsocketSource){ 0 };
        struct MHD_Response *answer =
                wslay_event_context_server_init(&websocket->protocol, &callbacks, websocket) == 0
                        ? MHD_create_response_for_upgrade(on_upgrade, websocket)
                        : NULL;
        if (!answer) {
                websocket_free(websocket);
                return NULL;
        }
        wslay_event_config_set_max_recv_msg_length(websocket->protocol, WEBSOCKET_MESSAGE_MAX);
        *ret = websocket;
        return answer;
}

/* False: the socket takes no more now. */
static bool send_queued(Websocket *websocket) {
        if (wslay_event_want_write(websocket->protocol) && wslay_event_send(websocket->protocol) != 0)
                websocket->over = true;
        return !wslay_event_want_write(websocket->protocol);
}

/* False: there is nothing to be said. */
static bool queue_next(Websocket *websocket) {
        if (wslay_event_get_close_sent(websocket->protocol))
                return false;
        CLEANUP(free) char *text = websocket->source.next(websocket->source.context);
        if (!text)
                return false;
        const struct wslay_event_msg message = { WSLAY_TEXT_FRAME, (const uint8_t *) text, strlen(text) };
        if (wslay_event_queue_msg(websocket->protocol, &message) != 0)
                websocket->over = true;
        websocket->stuck_at = deadline_after_ms(WEBSOCKET_STUCK_MS);
        return true;
}

/* As much as the client takes now, but a few messages at a time: the others want theirs too. */
static void send_what_there_is(Websocket *websocket) {
        bool more = send_queued(websocket);

        for (int i = 0; i < MESSAGES_AT_ONCE && more && !websocket->over; i++)
                more = queue_next(websocket) && (i == MESSAGES_AT_ONCE - 1 || send_queued(websocket));
}

static bool is_done(Websocket *websocket) {
        bool closed = wslay_event_get_close_received(websocket->protocol) ||
                      wslay_event_get_close_sent(websocket->protocol);

        return closed || !wslay_event_want_read(websocket->protocol) ||
               websocket->source.ended(websocket->source.context);
}

static void serve(Websocket *websocket, bool readable) {
        if (readable && wslay_event_want_read(websocket->protocol) &&
            wslay_event_recv(websocket->protocol) != 0)
                websocket->over = true;
        send_what_there_is(websocket);
        bool writes = wslay_event_want_write(websocket->protocol);
        if (!writes && is_done(websocket))
                websocket->over = true;
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = websocket };
        if (writes)
                event.events |= EPOLLOUT;
        if (writes != websocket->waits_to_write && !websocket->over)
                (void) epoll_ctl(websocket->owner->epoll, EPOLL_CTL_MOD, websocket->fd, &event);
        websocket->waits_to_write = writes;
}

/* With the list locked. */
static void unlink_websocket(Websockets *websockets, Websocket *websocket) {
        if (websocket->previous)
                websocket->previous->next = websocket->next;
        else
                websockets->first = websocket->next;
        if (websocket->next)
                websocket->next->previous = websocket->previous;
}

static void end(Websocket *websocket) {
        Websockets *websockets = websocket->owner;

        pthread_mutex_lock(&websockets->lock);
        unlink_websocket(websockets, websocket);
        pthread_mutex_unlock(&websockets->lock);
        (void) epoll_ctl(websockets->epoll, EPOLL_CTL_DEL, websocket->fd, NULL);
        MHD_upgrade_action(websocket->handle, MHD_UPGRADE_ACTION_CLOSE);
        websocket_free(websocket);
}

/* One that was woken, or NULL. Only the thread takes any out of the list, so it stays valid. */
static Websocket *take_woken(Websockets *websockets) {
        pthread_mutex_lock(&websockets->lock);
        Websocket *websocket = websockets->first;
        while (websocket && !websocket->woken)
                websocket = websocket->next;
        if (websocket)
                websocket->woken = false;
        pthread_mutex_unlock(&websockets->lock);
        return websocket;
}

static void serve_or_end(Websocket *websocket, bool readable) {
        if (!websocket->over)
                serve(websocket, readable);
        if (websocket->over)
                end(websocket);
}

static bool is_stuck(const Websocket *websocket) {
        return websocket->waits_to_write && deadline_passed(websocket->stuck_at);
}

/* The list itself changes only in this thread and by what is put in front. */
static void end_stuck_and_over(Websockets *websockets) {
        pthread_mutex_lock(&websockets->lock);
        Websocket *next = websockets->first;
        pthread_mutex_unlock(&websockets->lock);
        while (next) {
                Websocket *websocket = next;

                pthread_mutex_lock(&websockets->lock);
                next = websocket->next;
                pthread_mutex_unlock(&websockets->lock);
                if (is_stuck(websocket) || websocket->source.ended(websocket->source.context))
                        end(websocket);
        }
}

static void say_goodbye(Websockets *websockets) {
        static const char reason[] = "the controller stops";

        for (Websocket *websocket = websockets->first, *next; websocket; websocket = next) {
                next = websocket->next;
                wslay_event_queue_close(
                        websocket->protocol, WSLAY_CODE_GOING_AWAY, (const uint8_t *) reason, strlen(reason));
                (void) wslay_event_send(websocket->protocol);
                end(websocket);
        }
}

static bool is_stopping(Websockets *websockets) {
        pthread_mutex_lock(&websockets->lock);
        bool stopping = websockets->stopping;
        pthread_mutex_unlock(&websockets->lock);
        return stopping;
}

static void handle_events(Websockets *websockets, const struct epoll_event *events, int count) {
        uint64_t ignored;

        for (int i = 0; i < count; i++) {
                if (events[i].data.ptr)
                        serve_or_end(events[i].data.ptr, events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR));
                else if (read(websockets->wake, &ignored, sizeof(ignored)) < 0)
                        continue;
        }
        for (Websocket *woken = take_woken(websockets); woken; woken = take_woken(websockets))
                serve_or_end(woken, woken->early_read < woken->early_length);
}

static void *run(void *context) {
        Websockets *websockets = context;
        struct epoll_event events[EVENTS];
        Deadline look = deadline_after_ms(LOOK_MS);

        pthread_setname_np(pthread_self(), "http-websocket");
        while (!is_stopping(websockets)) {
                int count = epoll_wait(websockets->epoll, events, EVENTS, LOOK_MS);

                handle_events(websockets, events, count > 0 ? count : 0);
                if (deadline_passed(look)) {
                        end_stuck_and_over(websockets);
                        look = deadline_after_ms(LOOK_MS);
                }
        }
        say_goodbye(websockets);
        return NULL;
}

bool websockets_start(Websockets *websockets, Followers *followers, Error **err) {
        struct epoll_event event = { .events = EPOLLIN };

        *websockets = (Websockets){ .followers = followers, .epoll = -1, .wake = -1 };
        pthread_mutex_init(&websockets->lock, NULL);
        websockets->epoll = epoll_create1(EPOLL_CLOEXEC);
        websockets->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        websockets->running = websockets->epoll >= 0 && websockets->wake >= 0 &&
                              epoll_ctl(websockets->epoll, EPOLL_CTL_ADD, websockets->wake, &event) == 0 &&
                              pthread_create(&websockets->thread, NULL, run, websockets) == 0;
        return websockets->running || error_set(err, ERROR_INTERNAL, "no thread for websockets");
}

void websockets_stop(Websockets *websockets) {
        if (!websockets->followers)
                return;
        pthread_mutex_lock(&websockets->lock);
        websockets->stopping = true;
        pthread_mutex_unlock(&websockets->lock);
        if (websockets->running) {
                wake_thread(websockets);
                pthread_join(websockets->thread, NULL);
                websockets->running = false;
        }
        file_closep(&websockets->epoll);
        file_closep(&websockets->wake);
        websockets->epoll = websockets->wake = -1;
}

void websockets_wake(Websockets *websockets, const char *topic) {
        bool any = false;

        pthread_mutex_lock(&websockets->lock);
        for (Websocket *websocket = websockets->first; websocket; websocket = websocket->next)
                if (websocket->source.wants(websocket->source.context, topic))
                        any = websocket->woken = true;
        pthread_mutex_unlock(&websockets->lock);
        if (any)
                wake_thread(websockets);
}
