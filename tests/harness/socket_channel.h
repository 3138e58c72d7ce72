/* The agent's channel over a plain local socket, with the framing of the real one: what is tested is what is
 * above it. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "channel.h"
#include "harness/temp_folder.h"

enum { SOCKET_FRAME_MAX = 16 << 20 };

static inline bool socket_write(int fd, const void *bytes, size_t length) {
        for (const char *at = bytes; length > 0;) {
                ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);
                if (sent < 0 && errno == EINTR)
                        continue;
                if (sent <= 0)
                        return false;
                at += sent;
                length -= (size_t) sent;
        }
        return true;
}

static inline bool socket_read(int fd, void *bytes, size_t length) {
        for (char *at = bytes; length > 0;) {
                ssize_t got = recv(fd, at, length, 0);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0)
                        return false;
                at += got;
                length -= (size_t) got;
        }
        return true;
}

static inline bool socket_send_frame(int fd, const void *bytes, size_t length) {
        CLEANUP(free) uint8_t *frame = xcalloc(1, length + 4);
        uint32_t header = htonl((uint32_t) length);

        memcpy(frame, &header, 4);
        memcpy(frame + 4, bytes, length);
        return socket_write(fd, frame, length + 4);
}

/* -1: closed; 0: nothing came in time; 1: a frame. */
static inline int socket_receive_frame(int fd, int timeout_ms, uint8_t **ret, size_t *ret_length) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        uint32_t header = 0;

        int ready = poll(&wait, 1, timeout_ms);
        if (ready <= 0)
                return 0;
        if (!socket_read(fd, &header, 4) || ntohl(header) > SOCKET_FRAME_MAX)
                return -1;
        *ret_length = ntohl(header);
        *ret = xcalloc(1, *ret_length + 1);
        if (socket_read(fd, *ret, *ret_length))
                return 1;
        free(*ret);
        *ret = NULL;
        return -1;
}

struct Channel {
        int fd;
        pthread_mutex_t sending;
};

static inline Channel *socket_channel_open(const ChannelTarget *target, Error **err) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", target->address);
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0) {
                error_set(err, ERROR_UNAVAILABLE, "connect: %s", strerror(errno));
                close(fd);
                return NULL;
        }
        Channel *channel = xcalloc(1, sizeof(*channel));
        channel->fd = fd;
        pthread_mutex_init(&channel->sending, NULL);
        return channel;
}

static inline bool socket_channel_send(Channel *channel, const uint8_t *bytes, size_t length, Error **err) {
        pthread_mutex_lock(&channel->sending);
        bool ok = socket_send_frame(channel->fd, bytes, length);
        pthread_mutex_unlock(&channel->sending);
        return ok || error_set(err, ERROR_UNAVAILABLE, "the link was lost");
}

static inline bool socket_channel_receive(
        Channel *channel, int timeout_ms, uint8_t **ret, size_t *ret_length, Error **err) {
        *ret = NULL;
        return socket_receive_frame(channel->fd, timeout_ms, ret, ret_length) >= 0 ||
               error_set(err, ERROR_UNAVAILABLE, "the link was lost");
}

static inline void socket_channel_shut(Channel *channel) {
        shutdown(channel->fd, SHUT_RDWR);
}

static inline void socket_channel_free(Channel *channel) {
        close(channel->fd);
        pthread_mutex_destroy(&channel->sending);
        free(channel);
}

static const ChannelDriver socket_channel_driver = {
        .open = socket_channel_open,
        .send = socket_channel_send,
        .receive = socket_channel_receive,
        .shut = socket_channel_shut,
        .free = socket_channel_free,
};
