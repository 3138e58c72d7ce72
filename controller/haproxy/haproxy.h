/* HAProxy as a load balancer of an application: which servers a backend has, and taking them out of work and
 * in again. Spoken are HAProxy's own runtime API over TCP ("stats socket ipv4@10.0.0.1:9999 level admin", see
 * its management guide, section 9.3) and the HTTP API that Cloud Deploy put beside it ("Hapi": GET ?show,
 * POST enableserver, disableserver). Calls block and are bounded; thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/names.h"

enum { HAPROXY_RUNTIME_PORT = 9999, HAPROXY_HAPI_PORT = 5001 };

typedef enum HaproxyApiKind { HAPROXY_HAPI, HAPROXY_RUNTIME, HAPROXY_API_COUNT } HaproxyApiKind;
extern const Names haproxy_api_names; /* hapi runtime */

/* One HAProxy of maybe several. */
typedef struct HaproxyPeer {
        HaproxyApiKind api;
        const char *host;
        int port; /* 0: the API's own */
        Deadline deadline;
} HaproxyPeer;

typedef enum HaproxyState {
        HAPROXY_UP,    /* gets requests; also one that is not checked */
        HAPROXY_DOWN,  /* found not to work */
        HAPROXY_DRAIN, /* gets none but those of sessions that it has */
        HAPROXY_MAINT, /* gets none */
        HAPROXY_STATE_COUNT
} HaproxyState;
extern const Names haproxy_state_names; /* up down drain maint */

typedef struct HaproxyServer {
        char *name;
        char *address; /* without the port */
        HaproxyState state;
        int64_t sessions; /* open now; -1: the API does not tell */
} HaproxyServer;

typedef struct HaproxyServers {
        HaproxyServer *items;
        size_t count;
} HaproxyServers;
void haproxy_servers_clear(HaproxyServers *servers);
static inline void haproxy_servers_clearp(HaproxyServers *servers) {
        haproxy_servers_clear(servers);
}
/* NULL: none with that address. */
const HaproxyServer *haproxy_servers_find(const HaproxyServers *servers, const char *address);

/* NOT_FOUND: there is no such backend. INVALID: what was answered cannot be read. Every message names the
 * HAProxy. */
bool haproxy_list(const HaproxyPeer *peer, const char *backend, HaproxyServers *ret, Error **err);

typedef enum HaproxyOrder {
        HAPROXY_TAKE_OUT, /* no new sessions; those that there are go on */
        HAPROXY_PUT_BACK,
} HaproxyOrder;
/* The server as haproxy_list() shows it. Doing it twice is doing it once. */
bool haproxy_order(
        const HaproxyPeer *peer, const char *backend, const HaproxyServer *server, HaproxyOrder order,
        Error **err);
