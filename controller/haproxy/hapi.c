/* Cloud Deploy's HTTP API beside HAProxy. What it answers is an object with one member, whatever its name. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "haproxy/haproxy_api.h"
#include "net/http_client.h"
#include "net/url.h"
#include "json/document.h"

static bool send_request(
        const HaproxyPeer *peer, const char *query, const char *body, HttpResponse *ret, Error **err) {
        CLEANUP(free) char *url = xasprintf("http://%s:%d/haproxy%s", peer->host, peer->port, query);
        CLEANUP(http_client_free)
        HttpClient *client = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        static const char *const headers[] = { "Content-Type: application/json", NULL };

        const HttpRequest request = {
                .method = body ? "POST" : "GET",
                .url = url,
                .headers = body ? headers : NULL,
                .body = body,
                .body_length = body ? strlen(body) : 0,
                .timeout_ms = deadline_left_ms(peer->deadline) + 1,
                .max_body_bytes = HAPROXY_ANSWER_MAX,
        };
        if (!http_client_send(client, &request, ret, err))
                return false;
        if (ret->status == 200)
                return true;
        return error_set(
                err,
                ret->status == 404   ? ERROR_NOT_FOUND
                : ret->status >= 500 ? ERROR_UNAVAILABLE
                                     : ERROR_INVALID,
                "its API answered %d: %.200s", ret->status, ret->body);
}

static bool add_server(const Document *server, HaproxyServers *ret, Error **err) {
        const char *address = document_get_string(server, "ip");
        const char *name = document_get_string(server, "name");
        const char *status = document_get_string(server, "status");

        if (!*address || !*status)
                return error_set(err, ERROR_INVALID, "a server without ip or status");
        haproxy_servers_add(ret, *name ? name : address, address, haproxy_state_read(status), -1);
        return true;
}

bool haproxy_hapi_read(const char *text, size_t length, HaproxyServers *ret, Error **err) {
        CLEANUP(document_free) Document *answer = document_parse(text, length, err);
        void *first = answer && document_is_object(answer) ? document_first(answer) : NULL;
        const Document *servers = first ? document_child(first) : NULL;

        if (!answer)
                return error_prefix(err, "its API");
        if (!servers || !document_is_array(servers) || document_count(servers) > HAPROXY_SERVERS_MAX)
                return error_set(err, ERROR_INVALID, "its API answered no list of servers");
        for (size_t i = 0; i < document_count(servers); i++)
                if (!add_server(document_at(servers, i), ret, err))
                        return false;
        return true;
}

static bool has_backend(const HaproxyPeer *peer, const char *backend, bool *ret, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };

        if (!send_request(peer, "?show", NULL, &response, err))
                return false;
        CLEANUP(document_free) Document *answer = document_parse(response.body, response.body_length, err);
        if (!answer)
                return error_prefix(err, "its API");
        void *first = document_is_object(answer) ? document_first(answer) : NULL;
        const Document *backends = first ? document_child(first) : NULL;

        *ret = false;
        for (size_t i = 0; i < document_count(backends); i++) {
                const char *name = document_value(document_at(backends, i));
                *ret = *ret || (name && text_equal(name, backend));
        }
        return true;
}

static bool list(const HaproxyPeer *peer, const char *backend, HaproxyServers *ret, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(free) char *query = xasprintf("?show=%s", backend);
        bool known = false;

        if (!has_backend(peer, backend, &known, err))
                return false;
        if (!known)
                return error_set(err, ERROR_NOT_FOUND, "there is no such backend");
        return send_request(peer, query, NULL, &response, err) &&
               haproxy_hapi_read(response.body, response.body_length, ret, err);
}

static bool order(
        const HaproxyPeer *peer, const char *backend, const HaproxyServer *server, HaproxyOrder order,
        Error **err) {
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        Document *data = document_array(), *one = document_object();

        document_set_string(one, "name", server->address);
        document_append(data, one);
        document_set_string(body, "backend", backend);
        document_set_string(body, "action", order == HAPROXY_TAKE_OUT ? "disableserver" : "enableserver");
        document_set(body, "data", data);
        CLEANUP(free) char *text = document_text(body);
        return send_request(peer, "", text, &response, err);
}

const HaproxyApi haproxy_hapi = { .port = HAPROXY_HAPI_PORT, .list = list, .order = order };
