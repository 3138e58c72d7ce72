/* Open connections and the time each has to bring a whole request: the library's own timeout only counts
 * silence, so that a client sending a byte now and then would be held for ever. Thread-safe. */
#pragma once

#include <pthread.h>

#include "base/clock.h"

typedef struct Connection Connection;

typedef struct Connections {
        pthread_mutex_t lock; /* guards the list */
        Connection *first;
        int64_t request_timeout_ms;
        void *owner; /* whoever has set it */
} Connections;

void connections_init(Connections *connections, int64_t request_timeout_ms);
void connections_clear(Connections *connections);

Connection *connections_add(Connections *connections, int fd);
void connections_remove(Connections *connections, Connection *connection);

void *connection_owner(const Connection *connection);

/* A request is being waited for, from now. */
void connections_await_request(const Connections *connections, Connection *connection);
/* It is here; answering may take its time. */
void connections_got_request(Connection *connection);

/* Ends those whose time is over. */
void connections_end_late(Connections *connections);
