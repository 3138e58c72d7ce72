#include "wire_channel.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "wire/link.h"

enum {
        QUEUE_BYTES = 16 << 20,     /* past it the link closes itself */
        WAIT_ABOVE_BYTES = 1 << 20, /* senders wait until less than that is queued */
        SEND_TIMEOUT_MS = 30000,
        SILENCE_MS = 3600000, /* the session's heartbeats decide earlier */
        FRAMES_MOST = 256,
        FRAMES_MOST_BYTES = 160 << 20,
};

typedef struct Frame {
        uint8_t *bytes;
        size_t length;
        struct Frame *next;
} Frame;

struct Channel {
        Link *link;
        pthread_mutex_t lock; /* guards everything below */
        pthread_cond_t changed;
        Frame *first, **last;
        unsigned frames;
        size_t frames_bytes;
        char *closed; /* why; NULL: open */
};

/* ---- on nng's threads
 * ------------------------------------------------------------------------------------------- */

static void on_received(void *context, Link *link, uint8_t *bytes, size_t length) {
        Channel *channel = context;
        Frame *frame = xcalloc(1, sizeof(*frame));

        *frame = (Frame){ .bytes = bytes, .length = length };
        pthread_mutex_lock(&channel->lock);
        *channel->last = frame;
        channel->last = &frame->next;
        channel->frames++;
        channel->frames_bytes += length;
        bool flooded = channel->frames > FRAMES_MOST || channel->frames_bytes > FRAMES_MOST_BYTES;
        pthread_cond_broadcast(&channel->changed);
        pthread_mutex_unlock(&channel->lock);
        if (flooded)
                link_close(link, "the controller sends faster than this agent works");
}

static void on_closed(void *context, Link *link, const char *reason) {
        Channel *channel = context;

        (void) link;
        pthread_mutex_lock(&channel->lock);
        if (!channel->closed)
                channel->closed = xstrdup(reason);
        pthread_cond_broadcast(&channel->changed);
        pthread_mutex_unlock(&channel->lock);
}

static void on_drained(void *context, Link *link) {
        Channel *channel = context;

        (void) link;
        pthread_mutex_lock(&channel->lock);
        pthread_cond_broadcast(&channel->changed);
        pthread_mutex_unlock(&channel->lock);
}

/* ---- the driver
 * ------------------------------------------------------------------------------------------------- */

static void wire_free(Channel *channel) {
        link_free(channel->link);
        while (channel->first) {
                Frame *frame = channel->first;
                channel->first = frame->next;
                free(frame->bytes);
                free(frame);
        }
        pthread_mutex_destroy(&channel->lock);
        pthread_cond_destroy(&channel->changed);
        free(channel->closed);
        free(channel);
}

static Channel *wire_open(const ChannelTarget *target, Error **err) {
        Channel *channel = xcalloc(1, sizeof(*channel));
        pthread_condattr_t attributes;
        const LinkCredentials credentials = {
                .authority = target->ca,
                .certificate = target->certificate,
                .key = target->key,
                .peer_name = target->server_name,
        };
        const LinkLimits limits = {
                .queue_bytes = QUEUE_BYTES,
                .send_timeout_ms = SEND_TIMEOUT_MS,
                .receive_timeout_ms = SILENCE_MS,
                .frame_max = LINK_FRAME_MAX,
        };
        const LinkEvents events = {
                .context = channel,
                .received = on_received,
                .closed = on_closed,
                .drained = on_drained,
        };

        pthread_mutex_init(&channel->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&channel->changed, &attributes);
        pthread_condattr_destroy(&attributes);
        channel->last = &channel->first;
        channel->link = link_dial(target->address, &credentials, &limits, &events, target->timeout_ms, err);
        if (channel->link) {
                link_start(channel->link);
                return channel;
        }
        wire_free(channel);
        return NULL;
}

static void wait_until(Channel *channel, Deadline deadline) {
        struct timespec until;
        int left_ms = deadline_left_ms(deadline);

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += left_ms / 1000;
        until.tv_nsec += (long) (left_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_sec++;
                until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&channel->changed, &channel->lock, &until);
}

static bool wire_send(Channel *channel, const uint8_t *bytes, size_t length, Error **err) {
        enum { LOOK_AGAIN_MS = 100 };
        Deadline deadline = deadline_after_ms(SEND_TIMEOUT_MS);

        pthread_mutex_lock(&channel->lock);
        while (!channel->closed && !deadline_passed(deadline)) {
                /* Its lock must not be taken under ours, which its callbacks take. */
                pthread_mutex_unlock(&channel->lock);
                bool room = link_queued_bytes(channel->link) < WAIT_ABOVE_BYTES;
                pthread_mutex_lock(&channel->lock);
                if (room)
                        break;
                wait_until(channel, deadline_earlier(deadline, deadline_after_ms(LOOK_AGAIN_MS)));
        }
        bool open = !channel->closed && !deadline_passed(deadline);
        pthread_mutex_unlock(&channel->lock);
        if (open && link_send(channel->link, xmemdup(bytes, length), length))
                return true;
        return error_set(err, ERROR_UNAVAILABLE, "the link to the controller is closed or stuck");
}

static bool take_frame(Channel *channel, uint8_t **ret, size_t *ret_length) {
        Frame *frame = channel->first;

        if (!frame)
                return false;
        channel->first = frame->next;
        if (!channel->first)
                channel->last = &channel->first;
        channel->frames--;
        channel->frames_bytes -= frame->length;
        *ret = frame->bytes;
        *ret_length = frame->length;
        free(frame);
        return true;
}

static bool wire_receive(Channel *channel, int timeout_ms, uint8_t **ret, size_t *ret_length, Error **err) {
        Deadline deadline = deadline_after_ms(timeout_ms);

        *ret = NULL;
        pthread_mutex_lock(&channel->lock);
        while (!channel->first && !channel->closed && !deadline_passed(deadline))
                wait_until(channel, deadline);
        bool lost = !take_frame(channel, ret, ret_length) && channel->closed;
        if (lost)
                error_set(err, ERROR_UNAVAILABLE, "%s", channel->closed);
        pthread_mutex_unlock(&channel->lock);
        return !lost;
}

static void wire_shut(Channel *channel) {
        link_close(channel->link, "this agent ends the session");
}

const ChannelDriver wire_channel_driver = {
        .open = wire_open,
        .send = wire_send,
        .receive = wire_receive,
        .shut = wire_shut,
        .free = wire_free,
};
