#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "haproxy/haproxy_api.h"

static const char *const api_words[] = { "hapi", "runtime" };
static const char *const state_words[] = { "up", "down", "drain", "maint" };
const Names haproxy_api_names = NAMES(api_words);
const Names haproxy_state_names = NAMES(state_words);

static const HaproxyApi *const apis[HAPROXY_API_COUNT] = {
        [HAPROXY_HAPI] = &haproxy_hapi,
        [HAPROXY_RUNTIME] = &haproxy_runtime,
};

void haproxy_servers_add(
        HaproxyServers *servers, const char *name, const char *address, HaproxyState state,
        int64_t sessions) {
        servers->items = xrealloc(servers->items, (servers->count + 1) * sizeof(*servers->items));
        servers->items[servers->count++] = (HaproxyServer){
                .name = xstrdup(name),
                .address = xstrdup(address),
                .state = state,
                .sessions = sessions,
        };
}

/* "UP", "UP 1/3", "no check", "DOWN", "MAINT (via web/a)", "DRAIN", "NOLB", in any case. */
HaproxyState haproxy_state_read(const char *status) {
        if (strcasecmp(status, "no check") == 0)
                return HAPROXY_UP;
        for (int state = 0; state < HAPROXY_STATE_COUNT; state++)
                if (strncasecmp(status, state_words[state], strlen(state_words[state])) == 0)
                        return (HaproxyState) state;
        return HAPROXY_DOWN;
}

void haproxy_servers_clear(HaproxyServers *servers) {
        for (size_t i = 0; i < servers->count; i++) {
                free(servers->items[i].name);
                free(servers->items[i].address);
        }
        free(servers->items);
        *servers = (HaproxyServers){ 0 };
}

const HaproxyServer *haproxy_servers_find(const HaproxyServers *servers, const char *address) {
        for (size_t i = 0; i < servers->count; i++)
                if (text_equal(servers->items[i].address, address))
                        return &servers->items[i];
        return NULL;
}

/* The name is put into lines and URLs. */
static bool check_backend(const char *backend, Error **err) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";

        return (*backend && strspn(backend, letters) == strlen(backend)) ||
               error_set(err, ERROR_INVALID, "'%.80s' is not the name of a backend", backend);
}

static HaproxyPeer with_port(const HaproxyPeer *peer) {
        HaproxyPeer known = *peer;

        if (known.port == 0)
                known.port = apis[peer->api]->port;
        return known;
}

bool haproxy_list(const HaproxyPeer *peer, const char *backend, HaproxyServers *ret, Error **err) {
        HaproxyPeer known = with_port(peer);

        *ret = (HaproxyServers){ 0 };
        if (check_backend(backend, err) && apis[peer->api]->list(&known, backend, ret, err))
                return true;
        haproxy_servers_clear(ret);
        return error_prefix(err, "HAProxy %s, backend %s", peer->host, backend);
}

bool haproxy_order(
        const HaproxyPeer *peer, const char *backend, const HaproxyServer *server, HaproxyOrder order,
        Error **err) {
        HaproxyPeer known = with_port(peer);

        return (check_backend(backend, err) && apis[peer->api]->order(&known, backend, server, order, err)) ||
               error_prefix(err, "HAProxy %s, server %s/%s", peer->host, backend, server->name);
}
