#include "metadata.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { RESPONSE_MAX_BYTES = 128 << 10, TOKEN_MAX_BYTES = 1024, REQUEST_TIMEOUT_MS = 5000 };

struct Metadata {
        char *host, *port;
        char *token; /* NULL: none yet */
};

Metadata *metadata_new(const char *endpoint, Error **err) {
        static const char scheme[] = "http://";
        const char *host = endpoint + sizeof(scheme) - 1;

        if (!text_starts_with(endpoint, scheme)) {
                error_set(err, ERROR_INVALID, "metadata endpoint '%s' does not begin with http://", endpoint);
                return NULL;
        }
        bool bracket = host[0] == '[';
        size_t host_length = bracket ? strcspn(host, "]") + 1 : strcspn(host, ":/");
        const char *after = strlen(host) >= host_length ? host + host_length : "";
        Metadata *metadata = xcalloc(1, sizeof(*metadata));
        metadata->host = bracket && host_length > 2 ? xstrndup(host + 1, host_length - 2)
                                                    : xstrndup(host, host_length);
        metadata->port = after[0] == ':' ? xstrndup(after + 1, strcspn(after + 1, "/")) : xstrdup("80");
        return metadata;
}

void metadata_free(Metadata *metadata) {
        if (!metadata)
                return;
        free(metadata->host);
        free(metadata->port);
        free(metadata->token);
        free(metadata);
}

/* ---- one request
 * ------------------------------------------------------------------------------------------------ */

static bool wait_for(int fd, short events, Deadline deadline, Error **err) {
        struct pollfd wait = { .fd = fd, .events = events };
        int ready = 0;

        do
                ready = poll(&wait, 1, deadline_left_ms(deadline));
        while (ready < 0 && errno == EINTR);
        return ready > 0 || error_set(err, ERROR_UNAVAILABLE, "the metadata service did not answer in time");
}

static bool connect_to(const struct addrinfo *address, Deadline deadline, int *ret, Error **err) {
        CLEANUP(file_close)
        int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int problem = 0;
        socklen_t length = sizeof(problem);

        if (fd < 0)
                return error_set(err, ERROR_INTERNAL, "socket: %s", strerror(errno));
        if (connect(fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS)
                return error_set(err, ERROR_UNAVAILABLE, "metadata service: %s", strerror(errno));
        if (!wait_for(fd, POLLOUT, deadline, err))
                return false;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &length) < 0 || problem)
                return error_set(
                        err, ERROR_UNAVAILABLE, "metadata service: %s", strerror(problem ? problem : errno));
        *ret = fd;
        fd = -1;
        return true;
}

static bool open_connection(const Metadata *metadata, Deadline deadline, int *ret, Error **err) {
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
        struct addrinfo *addresses = NULL;
        int problem = getaddrinfo(metadata->host, metadata->port, &hints, &addresses);

        if (problem)
                return error_set(
                        err, ERROR_UNAVAILABLE, "metadata service '%s': %s", metadata->host,
                        gai_strerror(problem));
        bool ok = connect_to(addresses, deadline, ret, err);
        freeaddrinfo(addresses);
        return ok;
}

static bool send_all(int fd, const char *bytes, size_t length, Deadline deadline, Error **err) {
        while (length > 0) {
                ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
                if (sent < 0 && errno != EAGAIN && errno != EINTR)
                        return error_set(err, ERROR_UNAVAILABLE, "metadata service: %s", strerror(errno));
                if (sent < 0 && !wait_for(fd, POLLOUT, deadline, err))
                        return false;
                bytes += sent > 0 ? sent : 0;
                length -= sent > 0 ? (size_t) sent : 0;
        }
        return true;
}

static bool receive_all(int fd, Deadline deadline, Text *ret, Error **err) {
        char buffer[4096];

        for (;;) {
                if (!wait_for(fd, POLLIN, deadline, err))
                        return false;
                ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
                if (got == 0)
                        return true;
                if (got < 0 && errno != EAGAIN && errno != EINTR)
                        return error_set(err, ERROR_UNAVAILABLE, "metadata service: %s", strerror(errno));
                if (got > 0)
                        text_append_bytes(ret, buffer, (size_t) got);
                if (ret->length > RESPONSE_MAX_BYTES)
                        return error_set(err, ERROR_INVALID, "the metadata service sent too much");
        }
}

bool metadata_parse_response(
        const char *response, size_t length, int *ret_status, const char **ret_body, size_t *ret_length,
        Error **err) {
        static const char version[] = "HTTP/1.";
        const char *end = length > 12 ? memmem(response, length, "\r\n\r\n", 4) : NULL;

        if (!end || memcmp(response, version, sizeof(version) - 1) != 0 || response[8] != ' ')
                return error_set(err, ERROR_INVALID, "the metadata service does not speak HTTP");
        int status = 0;
        for (int i = 9; i < 12; i++) {
                if (!isdigit((unsigned char) response[i]))
                        return error_set(err, ERROR_INVALID, "the metadata service does not speak HTTP");
                status = status * 10 + (response[i] - '0');
        }
        *ret_status = status;
        *ret_body = end + 4;
        *ret_length = length - (size_t) (end + 4 - response);
        return true;
}

/* The body as it is: with HTTP/1.0 the end of the connection is its end. */
static bool ask(
        const Metadata *metadata, const char *method, const char *path, const char *header, Deadline deadline,
        Text *ret_body, Error **err) {
        CLEANUP(text_clear) Text request = { 0 }, response = { 0 };
        CLEANUP(file_close) int fd = -1;
        const char *body = NULL;
        size_t length = 0;
        int status = 0;

        deadline = deadline_earlier(deadline, deadline_after_ms(REQUEST_TIMEOUT_MS));
        text_appendf(
                &request,
                "%s /latest/%s HTTP/1.0\r\nHost: %s\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                method, path, metadata->host, header);
        if (!open_connection(metadata, deadline, &fd, err) ||
            !send_all(fd, request.data, request.length, deadline, err) ||
            !receive_all(fd, deadline, &response, err) ||
            !metadata_parse_response(
                    response.data ? response.data : "", response.length, &status, &body, &length, err))
                return false;
        if (status == 200) {
                text_append_bytes(ret_body, body, length);
                return true;
        }
        ErrorKind kind = status == 404                    ? ERROR_NOT_FOUND
                         : status == 401                  ? ERROR_FORBIDDEN
                         : status >= 500 || status == 429 ? ERROR_UNAVAILABLE
                                                          : ERROR_INVALID;
        return error_set(err, kind, "metadata %s: status %d", path, status);
}

/* ---- a session
 * -------------------------------------------------------------------------------------------------- */

static bool get_token(Metadata *metadata, Deadline deadline, Error **err) {
        CLEANUP(text_clear) Text body = { 0 };

        if (!ask(metadata, "PUT", "api/token", "X-aws-ec2-metadata-token-ttl-seconds: 300", deadline, &body,
                 err))
                return false;
        CLEANUP(free) char *token = text_trim(body.data ? body.data : "");
        if (token[0] == '\0' || strlen(token) > TOKEN_MAX_BYTES || strpbrk(token, "\r\n"))
                return error_set(err, ERROR_INVALID, "the metadata service gave no token");
        metadata->token = TAKE(token);
        return true;
}

bool metadata_get(
        Metadata *metadata, const char *path, Deadline deadline, char **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(text_clear) Text body = { 0 };

        if (!metadata->token && !get_token(metadata, deadline, err))
                return false;
        CLEANUP(free) char *header = xasprintf("X-aws-ec2-metadata-token: %s", metadata->token);
        if (!ask(metadata, "GET", path, header, deadline, &body, err)) {
                free(TAKE(metadata->token)); /* it may have run out */
                return false;
        }
        *ret_length = body.length;
        *ret = text_take(&body);
        return true;
}
