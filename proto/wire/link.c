#include "wire/link.h"

#include <arpa/inet.h>
#include <assert.h>
#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/link_stream.h"

enum { HEADER_BYTES = 4 };

typedef struct Frame {
        struct Frame *next;
        uint8_t *bytes; /* header included */
        size_t length;
} Frame;

struct Link {
        nng_stream *stream;
        nng_aio *send_aio, *receive_aio;
        LinkEvents events;
        char *address;

        pthread_mutex_t lock; /* guards everything below */
        LinkLimits limits;
        Frame *first, *last; /* first is being sent when sending */
        size_t queued_bytes;
        size_t sent_of_first;
        bool started, paused, sending, receiving, closed, told;
        char *reason;

        /* Touched by the receive callback alone. */
        uint8_t header[HEADER_BYTES];
        uint8_t *body;
        size_t body_length, received;
};

static void receive_more(Link *link);
static void send_more(Link *link);

/* Says closed() when neither direction runs any more. Once the lock is gone, others may say it, and the owner
 * free the link: who does not say it does not touch it again. */
static void unlock_and_finish(Link *link) {
        bool tell = link->closed && link->started && !link->sending && !link->receiving && !link->told;

        link->told = link->told || tell;
        pthread_mutex_unlock(&link->lock);
        if (tell)
                link->events.closed(link->events.context, link, link->reason);
}

/* With the lock held. */
static void close_locked(Link *link, const char *reason) {
        if (link->closed)
                return;
        link->closed = true;
        link->reason = xstrdup(reason);
        nng_stream_close(link->stream);
        nng_aio_abort(link->send_aio, NNG_ECLOSED);
        nng_aio_abort(link->receive_aio, NNG_ECLOSED);
}

void link_close(Link *link, const char *reason) {
        pthread_mutex_lock(&link->lock);
        close_locked(link, reason);
        unlock_and_finish(link);
}

/* ---- sending
 * ------------------------------------------------------------------------------------------------ */

static void drop_first(Link *link) {
        Frame *frame = link->first;

        link->first = frame->next;
        if (!link->first)
                link->last = NULL;
        link->queued_bytes -= frame->length;
        link->sent_of_first = 0;
        free(frame->bytes);
        free(frame);
}

/* With the lock held. */
static void send_more(Link *link) {
        if (link->sending || link->closed || !link->first || !link->started)
                return;

        nng_iov iov = {
                .iov_buf = link->first->bytes + link->sent_of_first,
                .iov_len = link->first->length - link->sent_of_first,
        };
        link->sending = true;
        (void) nng_aio_set_iov(link->send_aio, 1, &iov);
        nng_aio_set_timeout(link->send_aio, link->limits.send_timeout_ms);
        nng_stream_send(link->stream, link->send_aio);
}

static void on_sent(void *argument) {
        Link *link = argument;
        int result = nng_aio_result(link->send_aio);
        bool drained = false;

        pthread_mutex_lock(&link->lock);
        link->sending = false;
        if (result != 0) {
                close_locked(
                        link,
                        result == NNG_ETIMEDOUT ? "the other end stopped reading" : nng_strerror(result));
        } else {
                link->sent_of_first += nng_aio_count(link->send_aio);
                if (link->sent_of_first == link->first->length)
                        drop_first(link);
                drained = !link->first;
                send_more(link);
        }
        pthread_mutex_unlock(&link->lock);
        /* link_free() waits for this callback. */
        if (drained && link->events.drained)
                link->events.drained(link->events.context, link);
        pthread_mutex_lock(&link->lock);
        unlock_and_finish(link);
}

static Frame *frame_new(const uint8_t *bytes, size_t length) {
        Frame *frame = xcalloc(1, sizeof(*frame));
        uint32_t header = htonl((uint32_t) length);

        frame->length = length + HEADER_BYTES;
        frame->bytes = xcalloc(frame->length, 1);
        memcpy(frame->bytes, &header, HEADER_BYTES);
        memcpy(frame->bytes + HEADER_BYTES, bytes, length);
        return frame;
}

bool link_send(Link *link, uint8_t *bytes, size_t length) {
        CLEANUP(free) uint8_t *owned = bytes;
        Frame *frame = frame_new(owned, length);
        bool ok = false;

        assert(length <= LINK_FRAME_MAX);
        pthread_mutex_lock(&link->lock);
        if (!link->closed && link->first && link->queued_bytes + frame->length > link->limits.queue_bytes)
                close_locked(link, "the other end is too slow: too much waits to be sent");
        if (!link->closed) {
                if (link->last)
                        link->last->next = frame;
                else
                        link->first = frame;
                link->last = frame;
                link->queued_bytes += frame->length;
                frame = NULL;
                ok = true;
                send_more(link);
        }
        unlock_and_finish(link);
        if (frame) {
                free(frame->bytes);
                free(frame);
        }
        return ok;
}

size_t link_queued_bytes(Link *link) {
        pthread_mutex_lock(&link->lock);
        size_t bytes = link->queued_bytes;
        pthread_mutex_unlock(&link->lock);
        return bytes;
}

/* ---- receiving
 * ---------------------------------------------------------------------------------------------- */

/* With the lock held. */
static void receive_more(Link *link) {
        nng_iov iov = { .iov_buf = link->header + link->received, .iov_len = HEADER_BYTES - link->received };

        if (link->closed || link->receiving || link->paused)
                return;
        if (link->body) {
                iov.iov_buf = link->body + link->received;
                iov.iov_len = link->body_length - link->received;
        }
        link->receiving = true;
        (void) nng_aio_set_iov(link->receive_aio, 1, &iov);
        nng_aio_set_timeout(link->receive_aio, link->limits.receive_timeout_ms);
        nng_stream_recv(link->stream, link->receive_aio);
}

/* The header is whole: room for the body. With the lock held. */
static void begin_body(Link *link) {
        uint32_t length;

        memcpy(&length, link->header, HEADER_BYTES);
        length = ntohl(length);
        link->received = 0;
        if (length == 0 || length > link->limits.frame_max) {
                close_locked(link, "sent a frame of a forbidden size");
                return;
        }
        link->body_length = length;
        link->body = xcalloc(length, 1);
}

/* A whole body, or NULL. With the lock held. */
static uint8_t *take_received(Link *link, size_t count, size_t *ret_length) {
        link->received += count;
        if (!link->body) {
                if (link->received == HEADER_BYTES)
                        begin_body(link);
                return NULL;
        }
        if (link->received < link->body_length)
                return NULL;
        link->received = 0;
        *ret_length = link->body_length;
        return TAKE(link->body);
}

static void on_received(void *argument) {
        Link *link = argument;
        int result = nng_aio_result(link->receive_aio);
        uint8_t *whole = NULL;
        size_t length = 0;

        pthread_mutex_lock(&link->lock);
        if (result != 0)
                close_locked(link, result == NNG_ETIMEDOUT ? "silent for too long" : nng_strerror(result));
        else
                whole = take_received(link, nng_aio_count(link->receive_aio), &length);
        pthread_mutex_unlock(&link->lock);

        /* Still "receiving", so that closed() cannot overtake it. */
        if (whole)
                link->events.received(link->events.context, link, whole, length);

        pthread_mutex_lock(&link->lock);
        link->receiving = false;
        receive_more(link);
        unlock_and_finish(link);
}

/* ---- life
 * ----------------------------------------------------------------------------------------------------- */

static char *address_of(nng_stream *stream) {
        nng_sockaddr address;
        char text[INET6_ADDRSTRLEN] = "";

        if (nng_stream_get_addr(stream, NNG_OPT_REMADDR, &address) != 0)
                return xstrdup("unknown");
        if (address.s_family == NNG_AF_INET) {
                (void) inet_ntop(AF_INET, &address.s_in.sa_addr, text, sizeof(text));
                return xasprintf("%s:%u", text, ntohs(address.s_in.sa_port));
        }
        if (address.s_family == NNG_AF_INET6) {
                (void) inet_ntop(AF_INET6, address.s_in6.sa_addr, text, sizeof(text));
                return xasprintf("[%s]:%u", text, ntohs(address.s_in6.sa_port));
        }
        return xstrdup("unknown");
}

Link *link_of_stream(nng_stream *stream, const LinkLimits *limits) {
        Link *link = xcalloc(1, sizeof(*link));

        link->stream = stream;
        link->limits = *limits;
        link->address = address_of(stream);
        pthread_mutex_init(&link->lock, NULL);
        if (nng_aio_alloc(&link->send_aio, on_sent, link) != 0 ||
            nng_aio_alloc(&link->receive_aio, on_received, link) != 0)
                abort();
        return link;
}

void link_set_events(Link *link, const LinkEvents *events) {
        link->events = *events;
}

void link_start(Link *link) {
        pthread_mutex_lock(&link->lock);
        link->started = true;
        send_more(link);
        receive_more(link);
        unlock_and_finish(link);
}

void link_pause(Link *link) {
        pthread_mutex_lock(&link->lock);
        link->paused = true;
        pthread_mutex_unlock(&link->lock);
}

void link_resume(Link *link) {
        pthread_mutex_lock(&link->lock);
        link->paused = false;
        receive_more(link);
        pthread_mutex_unlock(&link->lock);
}

void link_set_limits(Link *link, const LinkLimits *limits) {
        pthread_mutex_lock(&link->lock);
        link->limits = *limits;
        pthread_mutex_unlock(&link->lock);
}

const char *link_address(const Link *link) {
        return link->address;
}

void link_free(Link *link) {
        if (!link)
                return;

        pthread_mutex_lock(&link->lock);
        close_locked(link, "closed by this end");
        pthread_mutex_unlock(&link->lock);
        nng_aio_stop(link->send_aio);
        nng_aio_stop(link->receive_aio);
        nng_aio_free(link->send_aio);
        nng_aio_free(link->receive_aio);
        nng_stream_free(link->stream);
        while (link->first)
                drop_first(link);
        free(link->body);
        free(link->reason);
        free(link->address);
        pthread_mutex_destroy(&link->lock);
        free(link);
}
