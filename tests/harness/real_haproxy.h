/* A real HAProxy of the test's own, asked by its runtime API. */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "haproxy/haproxy.h"
#include "harness/tcp_answer.h"
#include "harness/temp_folder.h"

#define REAL_HAPROXY "/usr/sbin/haproxy"

typedef struct RealHaproxy {
        char *folder;
        int port;
        pid_t pid;
} RealHaproxy;

/* A port that nobody listens on. */
static inline int real_haproxy_free_port(void) {
        TcpAnswer server;

        tcp_answer_start(&server, "", 1);
        tcp_answer_stop(&server);
        return server.port;
}

static inline void real_haproxy_stop(RealHaproxy *real) {
        if (real->pid > 0) {
                kill(real->pid, SIGKILL);
                waitpid(real->pid, NULL, 0);
        }
        temp_remove(real->folder);
}

static inline HaproxyPeer real_haproxy_peer(const RealHaproxy *real) {
        return (HaproxyPeer){ .api = HAPROXY_RUNTIME,
                              .host = "127.0.0.1",
                              .port = real->port,
                              .deadline = deadline_after_ms(10000) };
}

/* servers: lines of the backend "web". */
static inline void real_haproxy_start(RealHaproxy *real, const char *level, const char *servers) {
        *real = (RealHaproxy){ .folder = temp_folder(), .port = real_haproxy_free_port() };
        CLEANUP(free)
        char *settings = xasprintf(
                "global\n stats socket ipv4@127.0.0.1:%d level %s\n"
                "defaults\n mode tcp\n timeout connect 1s\n timeout client 5s\n timeout server 5s\n"
                "backend web\n%sbackend none\n",
                real->port, level, servers);
        CLEANUP(free) char *path = xasprintf("%s/haproxy.cfg", real->folder);
        Deadline deadline = deadline_after_ms(10000);

        temp_write(real->folder, "haproxy.cfg", settings);
        real->pid = fork();
        if (real->pid == 0) {
                int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

                prctl(PR_SET_PDEATHSIG, SIGKILL);
                dup2(null, STDOUT_FILENO);
                dup2(null, STDERR_FILENO);
                execl(REAL_HAPROXY, REAL_HAPROXY, "-db", "-f", path, (char *) NULL);
                _exit(127);
        }
        for (;;) {
                CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
                CLEANUP(error_free) Error *failed = NULL;
                HaproxyPeer peer = real_haproxy_peer(real);

                if (haproxy_list(&peer, "none", &found, &failed) || error_kind(failed) != ERROR_UNAVAILABLE)
                        return;
                if (deadline_passed(deadline))
                        fail_msg("%s", error_message(failed));
                clock_sleep_ms(20);
        }
}
