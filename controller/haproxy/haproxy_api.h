/* The two ways in which a HAProxy is talked to. For the files of this folder, and the fuzz target. */
#pragma once

#include "haproxy/haproxy.h"

typedef struct HaproxyApi {
        int port;
        bool (*list)(const HaproxyPeer *peer, const char *backend, HaproxyServers *ret, Error **err);
        bool (*order)(
                const HaproxyPeer *peer, const char *backend, const HaproxyServer *server, HaproxyOrder order,
                Error **err);
} HaproxyApi;

extern const HaproxyApi haproxy_runtime, haproxy_hapi;

enum { HAPROXY_ANSWER_MAX = 16 * 1024 * 1024, HAPROXY_SERVERS_MAX = 10000 };

void haproxy_servers_add(
        HaproxyServers *servers, const char *name, const char *address, HaproxyState state, int64_t sessions);

/* Of whatever is not known it is taken that it does not work. */
HaproxyState haproxy_state_read(const char *status);

/* What "show stat BACKEND 4 -1 json" answers. */
bool haproxy_runtime_read(const char *text, size_t length, HaproxyServers *ret, Error **err);
/* What GET ?show=BACKEND answers. */
bool haproxy_hapi_read(const char *text, size_t length, HaproxyServers *ret, Error **err);
