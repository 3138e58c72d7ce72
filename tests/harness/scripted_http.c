#include "harness/scripted_http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

enum { MAX_CONNECTIONS = 32, MAX_REQUESTS = 4096 };

typedef struct Connection {
        int fd; /* -1: free */
        Text received;
        bool continued; /* the request that comes was told to go on */
} Connection;

struct ScriptedHttp {
        pthread_t thread;
        int listener, stop_event;
        char *url;
        const ScriptedReply *replies;
        size_t count;
        ScriptedReply (*handle)(void *context, const char *request);
        void *context;
        Connection connections[MAX_CONNECTIONS];

        pthread_mutex_t lock; /* guards the requests */
        char *requests[MAX_REQUESTS];
        size_t request_count;
};

static void drop(Connection *connection, bool reset) {
        struct linger linger = { .l_onoff = reset };

        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
        close(connection->fd);
        connection->fd = -1;
        text_clear(&connection->received);
}

static bool send_all(int fd, const char *bytes, size_t length) {
        while (length > 0) {
                ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
                if (sent <= 0)
                        return false;
                bytes += sent;
                length -= (size_t) sent;
        }
        return true;
}

static bool send_body(int fd, const ScriptedReply *reply, const char *body, size_t length) {
        size_t wanted = reply->cut_after && reply->cut_after < length ? reply->cut_after : length;

        if (!reply->drip_ms)
                return send_all(fd, body, wanted) && wanted == length;
        for (size_t i = 0; i < wanted; i++) {
                if (!send_all(fd, body + i, 1))
                        return false;
                clock_sleep_ms(reply->drip_ms);
        }
        return wanted == length;
}

static bool answer(int fd, const ScriptedReply *reply) {
        Text text = { 0 };
        size_t length = !reply->body ? 0 : reply->body_length ? reply->body_length : strlen(reply->body);
        size_t times = reply->repeat ? reply->repeat : 1;

        text_appendf(
                &text, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s\r\n", reply->status, length * times,
                reply->headers ? reply->headers : "");
        size_t head = text.length;
        for (size_t i = 0; reply->body && !reply->no_body && i < times; i++)
                text_append_bytes(&text, reply->body, length);
        bool whole =
                send_all(fd, text.data, head) && send_body(fd, reply, text.data + head, text.length - head);
        text_clear(&text);
        return whole;
}

/* Length of the first whole request in the buffer, 0: not there yet. */
static size_t whole_request(const Text *received) {
        const char *end = received->data ? strstr(received->data, "\r\n\r\n") : NULL;
        size_t body = 0;

        if (!end)
                return 0;
        const char *header = strcasestr(received->data, "\r\ncontent-length:");
        if (header && header < end)
                body = strtoul(header + strlen("\r\ncontent-length:"), NULL, 10);
        size_t length = (size_t) (end - received->data) + 4 + body;
        return received->length >= length ? length : 0;
}

/* Who asks whether the body is wanted gets an answer, or waits for a second. */
static void tell_to_continue(Connection *connection) {
        static const char yes[] = "HTTP/1.1 100 Continue\r\n\r\n";
        const char *head = connection->received.data;
        const char *end = head ? strstr(head, "\r\n\r\n") : NULL;
        const char *expect = end ? strcasestr(head, "\r\nexpect: 100-continue\r\n") : NULL;

        if (connection->continued || !expect || expect > end)
                return;
        connection->continued = true;
        send_all(connection->fd, yes, strlen(yes));
}

static void serve(ScriptedHttp *server, Connection *connection) {
        size_t length;

        while (connection->fd >= 0 && (length = whole_request(&connection->received)) > 0) {
                char *request = xmemdup(connection->received.data, length);
                Text rest = { 0 };

                text_append_bytes(
                        &rest, connection->received.data + length, connection->received.length - length);
                text_clear(&connection->received);
                connection->received = rest;
                connection->continued = false;

                pthread_mutex_lock(&server->lock);
                assert(server->request_count < MAX_REQUESTS);
                size_t index = server->request_count++;
                server->requests[index] = request;
                pthread_mutex_unlock(&server->lock);

                ScriptedReply reply =
                        server->handle ? server->handle(server->context, request)
                                       : server->replies[index < server->count ? index : server->count - 1];
                if (reply.status == 0)
                        drop(connection, true);
                else if (!answer(connection->fd, &reply))
                        drop(connection, false);
        }
}

static void accept_one(ScriptedHttp *server) {
        int fd = accept(server->listener, NULL, NULL);
        int at_once = 1; /* head and body are two pieces: the second must not wait for an acknowledgement */

        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));

        for (size_t i = 0; fd >= 0 && i < MAX_CONNECTIONS; i++)
                if (server->connections[i].fd < 0) {
                        server->connections[i].fd = fd;
                        server->connections[i].continued = false;
                        return;
                }
        if (fd >= 0)
                close(fd);
}

static void receive(ScriptedHttp *server, Connection *connection) {
        char bytes[16384];
        ssize_t count = recv(connection->fd, bytes, sizeof(bytes), 0);

        if (count <= 0) {
                drop(connection, false);
                return;
        }
        text_append_bytes(&connection->received, bytes, (size_t) count);
        tell_to_continue(connection);
        serve(server, connection);
}

static void *run(void *argument) {
        ScriptedHttp *server = argument;
        struct pollfd fds[MAX_CONNECTIONS + 2];

        for (;;) {
                fds[0] = (struct pollfd){ .fd = server->stop_event, .events = POLLIN };
                fds[1] = (struct pollfd){ .fd = server->listener, .events = POLLIN };
                for (size_t i = 0; i < MAX_CONNECTIONS; i++)
                        fds[i + 2] = (struct pollfd){ .fd = server->connections[i].fd, .events = POLLIN };
                if (poll(fds, MAX_CONNECTIONS + 2, -1) < 0 || fds[0].revents)
                        return NULL;
                for (size_t i = 0; i < MAX_CONNECTIONS; i++)
                        if (fds[i + 2].revents)
                                receive(server, &server->connections[i]);
                if (fds[1].revents)
                        accept_one(server);
        }
}

static ScriptedHttp *start(ScriptedHttp *server) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);

        for (size_t i = 0; i < MAX_CONNECTIONS; i++)
                server->connections[i].fd = -1;
        server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        server->stop_event = eventfd(0, EFD_CLOEXEC);
        if (bind(server->listener, (struct sockaddr *) &address, sizeof(address)) < 0 ||
            listen(server->listener, MAX_CONNECTIONS) < 0 ||
            getsockname(server->listener, (struct sockaddr *) &address, &length) < 0)
                abort();
        server->url = xasprintf("http://127.0.0.1:%d", ntohs(address.sin_port));
        pthread_mutex_init(&server->lock, NULL);
        if (pthread_create(&server->thread, NULL, run, server) != 0)
                abort();
        return server;
}

ScriptedHttp *scripted_http_start(const ScriptedReply *replies, size_t count) {
        ScriptedHttp *server = xcalloc(1, sizeof(*server));

        assert(count > 0);
        server->replies = replies;
        server->count = count;
        return start(server);
}

ScriptedHttp *scripted_http_start_handler(ScriptedReply (*handle)(void *, const char *), void *context) {
        ScriptedHttp *server = xcalloc(1, sizeof(*server));

        server->handle = handle;
        server->context = context;
        return start(server);
}

void scripted_http_stop(ScriptedHttp *server) {
        uint64_t one = 1;

        if (write(server->stop_event, &one, sizeof(one)) < 0)
                abort();
        pthread_join(server->thread, NULL);
        for (size_t i = 0; i < MAX_CONNECTIONS; i++)
                if (server->connections[i].fd >= 0)
                        drop(&server->connections[i], false);
        for (size_t i = 0; i < server->request_count; i++)
                free(server->requests[i]);
        close(server->listener);
        close(server->stop_event);
        pthread_mutex_destroy(&server->lock);
        free(server->url);
        free(server);
}

bool scripted_http_range(const char *request, unsigned long long *ret_first, unsigned long long *ret_last) {
        static const char name[] = "\r\nRange: bytes=";
        const char *at = strcasestr(request, name);
        char *end = NULL;

        if (!at || at > strstr(request, "\r\n\r\n"))
                return false;
        *ret_first = strtoull(at + strlen(name), &end, 10);
        if (*end != '-')
                return false;
        *ret_last = strtoull(end + 1, &end, 10);
        return *end == '\r';
}

const char *scripted_http_url(const ScriptedHttp *server) {
        return server->url;
}

size_t scripted_http_request_count(ScriptedHttp *server) {
        pthread_mutex_lock(&server->lock);
        size_t count = server->request_count;
        pthread_mutex_unlock(&server->lock);
        return count;
}

const char *scripted_http_request(ScriptedHttp *server, size_t index) {
        pthread_mutex_lock(&server->lock);
        const char *request = index < server->request_count ? server->requests[index] : NULL;
        pthread_mutex_unlock(&server->lock);
        return request;
}
