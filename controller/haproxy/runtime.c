/* HAProxy's own runtime API: a line, and an answer that ends with the connection. An order that was carried
 * out is answered with an empty line. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "haproxy/haproxy_api.h"
#include "net/tcp_exchange.h"
#include "json/document.h"

static bool ask(const HaproxyPeer *peer, const char *line, char **ret, size_t *ret_length, Error **err) {
        return tcp_exchange(
                &(TcpExchange){ .host = peer->host,
                                .port = peer->port,
                                .question = line,
                                .max_answer_bytes = HAPROXY_ANSWER_MAX,
                                .deadline = peer->deadline },
                ret, ret_length, err);
}

static bool refused(const char *answer, Error **err) {
        CLEANUP(free) char *words = text_trim(answer);
        bool missing = text_starts_with(words, "No such") || text_starts_with(words, "Can't find");

        if (text_starts_with(words, "Permission denied"))
                return error_set(
                        err, ERROR_FORBIDDEN, "%.200s (the stats socket must be of level admin)", words);
        return error_set(err, missing ? ERROR_NOT_FOUND : ERROR_INVALID, "%.200s", words);
}

static const Document *find_field(const Document *server, const char *name) {
        for (size_t i = 0; i < document_count(server); i++)
                if (text_equal(document_get_string(document_at(server, i), "field.name"), name))
                        return document_get(document_at(server, i), "value.value");
        return NULL;
}

static const char *string_of(const Document *server, const char *name) {
        const Document *value = find_field(server, name);

        return value && document_is_string(value) ? document_value(value) : "";
}

static bool add_server(const Document *server, HaproxyServers *ret, Error **err) {
        const char *name = string_of(server, "svname"), *address = string_of(server, "addr");
        const char *colon = strrchr(address, ':');
        const Document *sessions = find_field(server, "scur");

        if (!*name || !*string_of(server, "status"))
                return error_set(err, ERROR_INVALID, "a server without name or status");
        if (!*address)
                return error_set(
                        err, ERROR_INVALID,
                        "the address of server %.80s is not shown: the stats socket must be of level "
                        "operator "
                        "or admin",
                        name);
        CLEANUP(free) char *host = xstrndup(address, colon ? (size_t) (colon - address) : strlen(address));
        haproxy_servers_add(
                ret, name, host, haproxy_state_read(string_of(server, "status")),
                sessions ? document_int_value(sessions) : -1);
        return true;
}

bool haproxy_runtime_read(const char *text, size_t length, HaproxyServers *ret, Error **err) {
        CLEANUP(document_free) Document *answer = NULL;

        /* Words where JSON was to come. */
        if (length == 0 || text[0] != '[')
                return refused(text, err);
        if (!(answer = document_parse(text, length, err)))
                return error_prefix(err, "show stat");
        if (!document_is_array(answer) || document_count(answer) > HAPROXY_SERVERS_MAX)
                return error_set(err, ERROR_INVALID, "show stat: not a list of servers");
        for (size_t i = 0; i < document_count(answer); i++)
                if (!add_server(document_at(answer, i), ret, err))
                        return false;
        return true;
}

static bool list(const HaproxyPeer *peer, const char *backend, HaproxyServers *ret, Error **err) {
        CLEANUP(free) char *line = xasprintf("show stat %s 4 -1 json\n", backend), *answer = NULL;
        size_t length = 0;

        return ask(peer, line, &answer, &length, err) && haproxy_runtime_read(answer, length, ret, err);
}

static bool order(
        const HaproxyPeer *peer, const char *backend, const HaproxyServer *server, HaproxyOrder order,
        Error **err) {
        CLEANUP(free) char *line = NULL, *answer = NULL, *words = NULL;
        size_t length = 0;

        if (strcspn(server->name, " ;\n\r\t\\") != strlen(server->name))
                return error_set(err, ERROR_INVALID, "a name with blanks or ';' cannot be asked for");
        line = xasprintf(
                "set server %s/%s state %s\n", backend, server->name,
                order == HAPROXY_TAKE_OUT ? "drain" : "ready");
        if (!ask(peer, line, &answer, &length, err))
                return false;
        words = text_trim(answer);
        return !*words || refused(words, err);
}

const HaproxyApi haproxy_runtime = { .port = HAPROXY_RUNTIME_PORT, .list = list, .order = order };
