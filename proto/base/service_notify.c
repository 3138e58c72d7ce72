#include "base/service_notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

/* A manager that does not read must not hold us up for longer. */
enum { SEND_TIMEOUT_S = 5 };

struct ServiceNotify {
        int fd; /* connected; -1: nobody listens */
        int64_t patience_ms;
};

static const char *find(const char *const *environment, const char *name) {
        size_t length = strlen(name);

        for (; environment && *environment; environment++)
                if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
                        return *environment + length + 1;
        return NULL;
}

/* A path, or with '@' in front a name without a file. */
static bool make_address(const char *name, struct sockaddr_un *ret, socklen_t *ret_length) {
        size_t length = strlen(name);

        if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof(ret->sun_path))
                return false;
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        memcpy(ret->sun_path, name, length);
        if (name[0] == '@')
                ret->sun_path[0] = '\0';
        *ret_length = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length + (name[0] == '/'));
        return true;
}

static int connect_to(const char *name) {
        const struct timeval timeout = { .tv_sec = SEND_TIMEOUT_S };
        struct sockaddr_un address;
        socklen_t length = 0;

        if (!make_address(name, &address, &length)) {
                log_warn(
                        "NOTIFY_SOCKET: '%s' is no address we know, the service manager is told nothing",
                        name);
                return -1;
        }
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == 0 &&
            connect(fd, (const struct sockaddr *) &address, length) == 0)
                return fd;
        log_warn("NOTIFY_SOCKET: %s: %s, the service manager is told nothing", name, strerror(errno));
        if (fd >= 0)
                close(fd);
        return -1;
}

static int64_t read_patience_ms(const char *const *environment) {
        const char *patience = find(environment, "WATCHDOG_USEC"), *pid = find(environment, "WATCHDOG_PID");
        CLEANUP(error_free) Error *problem = NULL;
        uint64_t watched = 0, patience_us = 0;

        if (!patience)
                return 0;
        if (!text_parse_uint(patience, 1, INT64_MAX, &patience_us, &problem) ||
            (pid && !text_parse_uint(pid, 1, INT32_MAX, &watched, &problem))) {
                log_warn("WATCHDOG_USEC: %s, the watchdog is not served", error_message(problem));
                return 0;
        }
        /* It may be meant for the one who started us. */
        return pid && (pid_t) watched != getpid() ? 0 : (int64_t) (patience_us / 1000);
}

ServiceNotify *service_notify_new(const char *const *environment) {
        ServiceNotify *notify = xcalloc(1, sizeof(*notify));
        const char *name = find(environment, "NOTIFY_SOCKET");

        notify->fd = text_empty(name) ? -1 : connect_to(name);
        notify->patience_ms = notify->fd < 0 ? 0 : read_patience_ms(environment);
        return notify;
}

void service_notify_free(ServiceNotify *notify) {
        if (!notify)
                return;
        if (notify->fd >= 0)
                close(notify->fd);
        free(notify);
}

/* state: lines of NAME=VALUE; a line break in the status would begin another one. */
static void tell(const ServiceNotify *notify, const char *state, const char *status) {
        CLEANUP(text_clear) Text message = { 0 };

        if (notify->fd < 0)
                return;
        text_append(&message, state);
        if (status) {
                size_t from = message.length;
                text_appendf(&message, "STATUS=%s", status);
                for (size_t i = from; i < message.length; i++)
                        if ((unsigned char) message.data[i] < ' ')
                                message.data[i] = ' ';
        }
        if (send(notify->fd, message.data, message.length, MSG_NOSIGNAL) < 0)
                log_debug("the service manager cannot be told: %s", strerror(errno));
}

void service_notify_ready(ServiceNotify *notify, const char *status) {
        tell(notify, "READY=1\n", status);
}

void service_notify_status(ServiceNotify *notify, const char *status) {
        tell(notify, "", status);
}

void service_notify_stopping(ServiceNotify *notify, const char *status) {
        tell(notify, "STOPPING=1\n", status);
}

void service_notify_alive(ServiceNotify *notify) {
        tell(notify, "WATCHDOG=1\n", NULL);
}

int64_t service_notify_patience_ms(const ServiceNotify *notify) {
        return notify->patience_ms;
}
