/* The service manager's end of sd_notify(3): a socket, and what came through it. */
#pragma once

#include "harness/ghost_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

#define PLAYED_MANAGER __attribute__((unused)) static

/* A service manager's end of it. */
typedef struct Manager {
        int fd;
        char *folder;
        char *variable; /* NOTIFY_SOCKET=… */
} Manager;

PLAYED_MANAGER void manager_clearp(Manager *manager) {
        CLEANUP(error_free) Error *ignored = NULL;

        close(manager->fd);
        if (manager->folder)
                file_remove_tree(manager->folder, &ignored);
        free(manager->folder);
        free(manager->variable);
}

PLAYED_MANAGER void listen_at(Manager *manager, const struct sockaddr_un *address, size_t path_length) {
        const struct timeval patience = { .tv_sec = 10 };
        socklen_t length = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + path_length);

        manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_true(manager->fd >= 0);
        assert_int_equal(setsockopt(manager->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
        assert_int_equal(bind(manager->fd, (const struct sockaddr *) address, length), 0);
}

PLAYED_MANAGER void listen_at_path(Manager *manager) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char folder[] = "/tmp/ghost-notify-XXXXXX";

        assert_non_null(mkdtemp(folder));
        manager->folder = xstrdup(folder);
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder);
        manager->variable = xasprintf("NOTIFY_SOCKET=%s", address.sun_path);
        listen_at(manager, &address, strlen(address.sun_path) + 1);
}

PLAYED_MANAGER void listen_at_name(Manager *manager) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(
                address.sun_path + 1, sizeof(address.sun_path) - 1, "ghost-notify-%d", (int) getpid());
        manager->variable = xasprintf("NOTIFY_SOCKET=@%s", address.sun_path + 1);
        listen_at(manager, &address, 1 + strlen(address.sun_path + 1));
}

PLAYED_MANAGER void assert_told(const Manager *manager, const char *expected) {
        char message[512] = "";
        ssize_t length = recv(manager->fd, message, sizeof(message) - 1, 0);

        assert_true(length > 0);
        assert_string_equal(message, expected);
}

PLAYED_MANAGER void assert_silent(const Manager *manager) {
        char message[512] = "";

        assert_int_equal(recv(manager->fd, message, sizeof(message), MSG_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
}

/* After what else may come before it. */
PLAYED_MANAGER void assert_told_soon(const Manager *manager, const char *expected) {
        for (;;) {
                char message[512] = "";

                if (recv(manager->fd, message, sizeof(message) - 1, 0) <= 0)
                        fail_msg("never told: %s", expected);
                if (strcmp(message, expected) == 0)
                        return;
        }
}

/* Of what was told by now and not taken yet. */
PLAYED_MANAGER unsigned count_told(const Manager *manager, const char *expected) {
        unsigned count = 0;

        for (;;) {
                char message[512] = "";

                if (recv(manager->fd, message, sizeof(message) - 1, MSG_DONTWAIT) <= 0)
                        return count;
                count += strcmp(message, expected) == 0;
        }
}
