/* A TCP server on a free loopback port that reads one line from each connection and answers a text. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/ghost_test.h"

typedef struct TcpAnswer {
        int listener, port;
        const char *text;
        size_t repeat;   /* the text so many times; 0: nothing at all, and the connection stays open */
        char asked[256]; /* the last line */
        pthread_t thread;
        atomic_bool stopping;
} TcpAnswer;

static inline void *tcp_answer_serve(void *context) {
        TcpAnswer *server = context;
        int silent = -1;

        for (;;) {
                int peer = accept(server->listener, NULL, NULL);
                if (peer < 0 || atomic_load(&server->stopping)) {
                        if (peer >= 0)
                                close(peer);
                        break;
                }
                ssize_t length = recv(peer, server->asked, sizeof(server->asked) - 1, 0);
                server->asked[length > 0 ? length : 0] = '\0';
                for (size_t i = 0; i < server->repeat; i++)
                        if (send(peer, server->text, strlen(server->text), MSG_NOSIGNAL) < 0)
                                break;
                if (server->repeat > 0)
                        close(peer);
                else
                        silent = peer;
        }
        if (silent >= 0)
                close(silent);
        return NULL;
}

static inline void tcp_answer_start(TcpAnswer *server, const char *text, size_t repeat) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);

        *server = (TcpAnswer){ .text = text, .repeat = repeat };
        server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(server->listener, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(server->listener, 8), 0);
        assert_int_equal(getsockname(server->listener, (struct sockaddr *) &address, &length), 0);
        server->port = ntohs(address.sin_port);
        assert_int_equal(pthread_create(&server->thread, NULL, tcp_answer_serve, server), 0);
}

static inline void tcp_answer_stop(TcpAnswer *server) {
        atomic_store(&server->stopping, true);
        shutdown(server->listener, SHUT_RDWR);
        pthread_join(server->thread, NULL);
        close(server->listener);
}
