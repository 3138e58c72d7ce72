#include "wire/http_call.h"

#include <errno.h>
#include <netdb.h>
#include <nng/nng.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "wire/http_answer.h"

enum { HEAD_ROOM_BYTES = 32 << 10, PIECE_BYTES = 4096 };

static void url_freep(nng_url **url) {
        if (*url)
                nng_url_free(*url);
}

static void addresses_freep(struct addrinfo **addresses) {
        if (*addresses)
                freeaddrinfo(*addresses);
}

static bool wait_for(int fd, short events, Deadline deadline, Error **err) {
        struct pollfd wait = { .fd = fd, .events = events };

        for (;;) {
                int left_ms = deadline_left_ms(deadline);
                int ready = left_ms > 0 ? poll(&wait, 1, left_ms) : 0;
                if (ready > 0)
                        return true;
                if (ready == 0)
                        return error_set(err, ERROR_UNAVAILABLE, "no answer in time");
                if (errno != EINTR)
                        return error_set(err, ERROR_UNAVAILABLE, "%s", strerror(errno));
        }
}

static bool connect_to(int fd, const struct addrinfo *address, Deadline deadline, Error **err) {
        int problem = 0;
        socklen_t size = sizeof(problem);

        if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
                return true;
        if (errno != EINPROGRESS)
                return error_set(err, ERROR_UNAVAILABLE, "%s", strerror(errno));
        if (!wait_for(fd, POLLOUT, deadline, err))
                return false;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0)
                problem = errno;
        return problem == 0 || error_set(err, ERROR_UNAVAILABLE, "%s", strerror(problem));
}

/* -1: none; its first address that can be had. */
static int dial(const nng_url *url, Deadline deadline, Error **err) {
        const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
        CLEANUP(addresses_free) struct addrinfo *addresses = NULL;
        int found = getaddrinfo(url->u_hostname, url->u_port, &hints, &addresses);

        if (found != 0) {
                (void) error_set(err, ERROR_UNAVAILABLE, "%s: %s", url->u_hostname, gai_strerror(found));
                return -1;
        }
        int fd = socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
                (void) error_set(err, ERROR_UNAVAILABLE, "%s", strerror(errno));
        } else if (!connect_to(fd, addresses, deadline, err)) {
                close(fd);
                return -1;
        }
        return fd;
}

static bool send_request(int fd, const HttpCall *call, const nng_url *url, Deadline deadline, Error **err) {
        CLEANUP(free)
        char *request = xasprintf(
                "%s %s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\n%sConnection: close\r\n\r\n", call->method,
                url->u_requri, url->u_host, call->header_name, call->header_value,
                text_equal(call->method, "GET") ? "" : "Content-Length: 0\r\n");

        for (size_t done = 0, length = strlen(request); done < length;) {
                ssize_t sent = send(fd, request + done, length - done, MSG_NOSIGNAL);
                if (sent > 0)
                        done += (size_t) sent;
                else if (errno != EAGAIN && errno != EINTR)
                        return error_set(err, ERROR_UNAVAILABLE, "%s", strerror(errno));
                else if (!wait_for(fd, POLLOUT, deadline, err))
                        return false;
        }
        return true;
}

/* Some more of the answer, if any has come. */
static bool receive_more(int fd, Text *received, bool *ret_ended, Error **err) {
        char piece[PIECE_BYTES];
        ssize_t got = recv(fd, piece, sizeof(piece), 0);

        if (got > 0)
                text_append_bytes(received, piece, (size_t) got);
        else if (got == 0)
                *ret_ended = true;
        else if (errno != EAGAIN && errno != EINTR)
                return error_set(err, ERROR_UNAVAILABLE, "%s", strerror(errno));
        return true;
}

static bool receive_answer(
        int fd, const HttpCall *call, Deadline deadline, int *ret_status, Text *body, Error **err) {
        CLEANUP(text_clear) Text received = { 0 };
        HttpAnswerState state = HTTP_ANSWER_MORE;

        for (bool ended = false; state == HTTP_ANSWER_MORE;) {
                if (!wait_for(fd, POLLIN, deadline, err) || !receive_more(fd, &received, &ended, err))
                        return false;
                if (received.length > call->max_body_bytes + HEAD_ROOM_BYTES)
                        break;
                state = http_answer_read(
                        received.data ? received.data : "", received.length, ended, ret_status, body, err);
        }
        if (state == HTTP_ANSWER_BAD)
                return false;
        return (state == HTTP_ANSWER_WHOLE && body->length <= call->max_body_bytes) ||
               error_set(err, ERROR_INVALID, "the answer is longer than %zu bytes", call->max_body_bytes);
}

bool http_call(const HttpCall *call, int *ret_status, char **ret_body, size_t *ret_length, Error **err) {
        Deadline deadline = deadline_after_ms(call->timeout_ms);
        CLEANUP(text_clear) Text body = { 0 };
        CLEANUP(url_free) nng_url *url = NULL;
        int result = nng_url_parse(&url, call->url);

        if (result != 0)
                return error_set(err, ERROR_INVALID, "%s: %s", call->url, nng_strerror(result));
        CLEANUP(file_close) int fd = dial(url, deadline, err);
        if (fd < 0 || !send_request(fd, call, url, deadline, err) ||
            !receive_answer(fd, call, deadline, ret_status, &body, err))
                return error_prefix(err, "%s", call->url);
        *ret_length = body.length;
        *ret_body = text_take(&body);
        return true;
}
