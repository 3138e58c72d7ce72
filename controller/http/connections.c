#include "http/connections.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/memory.h"

struct Connection {
        Connection *next, *previous;
        Connections *list;
        int fd;
        _Atomic(Deadline) request_by;
};

void connections_init(Connections *connections, int64_t request_timeout_ms) {
        *connections = (Connections){ .request_timeout_ms = request_timeout_ms };
        pthread_mutex_init(&connections->lock, NULL);
}

void connections_clear(Connections *connections) {
        while (connections->first)
                connections_remove(connections, connections->first);
        pthread_mutex_destroy(&connections->lock);
}

Connection *connections_add(Connections *connections, int fd) {
        Connection *connection = xcalloc(1, sizeof(*connection));

        connection->list = connections;
        connection->fd = fd;
        atomic_init(&connection->request_by, deadline_after_ms(connections->request_timeout_ms));
        pthread_mutex_lock(&connections->lock);
        connection->next = connections->first;
        if (connection->next)
                connection->next->previous = connection;
        connections->first = connection;
        pthread_mutex_unlock(&connections->lock);
        return connection;
}

void connections_remove(Connections *connections, Connection *connection) {
        pthread_mutex_lock(&connections->lock);
        if (connection->previous)
                connection->previous->next = connection->next;
        else
                connections->first = connection->next;
        if (connection->next)
                connection->next->previous = connection->previous;
        pthread_mutex_unlock(&connections->lock);
        free(connection);
}

void *connection_owner(const Connection *connection) {
        return connection->list->owner;
}

/* Without the lock: with thousands of requests a second it would be fought over. */
void connections_await_request(const Connections *connections, Connection *connection) {
        if (connection)
                atomic_store(&connection->request_by, deadline_after_ms(connections->request_timeout_ms));
}

void connections_got_request(Connection *connection) {
        if (connection)
                atomic_store(&connection->request_by, DEADLINE_NEVER);
}

void connections_end_late(Connections *connections) {
        pthread_mutex_lock(&connections->lock);
        for (Connection *connection = connections->first; connection; connection = connection->next) {
                if (!deadline_passed(atomic_load(&connection->request_by)))
                        continue;
                /* In the list, so not closed yet: the descriptor is still this connection's. */
                shutdown(connection->fd, SHUT_RDWR);
                atomic_store(&connection->request_by, DEADLINE_NEVER);
        }
        pthread_mutex_unlock(&connections->lock);
}
