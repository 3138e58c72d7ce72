#include "client.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "issues.h"
#include "net/url.h"

enum { APP_PARTS_MIN = 3, APP_PARTS_MAX = 4, ID_LENGTH = 24 };

struct Client {
        HttpClient *http;
        char *endpoint;
        char *authorization; /* the whole header */
        int64_t timeout_ms;  /* of a call; 0: the HTTP client's own */
        bool verbose;
};

Client *client_new(const Profile *profile) {
        Client *client = xcalloc(1, sizeof(*client));

        client->http = http_client_new(&(HttpClientOptions){ .ca_file = profile->ca_file });
        client->endpoint = xstrdup(profile->endpoint);
        if (profile->token) {
                client->authorization = xasprintf("Authorization: Bearer %s", profile->token);
        } else {
                CLEANUP(free) char *pair = xasprintf("%s:%s", profile->username, profile->password);
                CLEANUP(free) char *encoded = base64_encode(pair, strlen(pair));

                client->authorization = xasprintf("Authorization: Basic %s", encoded);
                crypto_wipe(pair, strlen(pair));
        }
        return client;
}

void client_free(Client *client) {
        if (!client)
                return;

        http_client_free(client->http);
        crypto_wipe(client->authorization, strlen(client->authorization));
        free(client->authorization);
        free(client->endpoint);
        free(client);
}

static ErrorKind kind_of_status(int status) {
        switch (status) {
        case 401:
        case 403:
                return ERROR_FORBIDDEN;
        case 404:
                return ERROR_NOT_FOUND;
        case 409:
        case 412:
        case 428:
                return ERROR_CONFLICT;
        default:
                return status >= 500 ? ERROR_UNAVAILABLE : ERROR_INVALID;
        }
}

static bool refuse(const HttpResponse *response, Error **err) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(document_free)
        Document *body = document_parse(response->body, response->body_length, &ignored);
        CLEANUP(text_clear) Text issues = { 0 };
        const char *message = document_get_string(body, "_error.message");

        issues_list(document_get(body, "_issues"), &issues);
        if (response->status == 412)
                message = "it was changed by someone else meanwhile; look at it again";
        else if (!*message)
                message = *issues.data ? "refused" : "no reason given";
        return error_set(
                err, kind_of_status(response->status), "[%d] %s%s", response->status, message, issues.data);
}

char *client_path(const char *folder, const char *word) {
        CLEANUP(free) char *encoded = url_encode(word, NULL);

        return xasprintf("%s%s", folder, encoded);
}

const char *client_endpoint(const Client *client) {
        return client->endpoint;
}

void client_set_timeout(Client *client, int64_t timeout_ms) {
        client->timeout_ms = timeout_ms;
}

void client_set_verbose(Client *client, bool verbose) {
        client->verbose = verbose;
}

/* Never a header: they hold the password. */
static void say(const HttpRequest *request, int64_t since, const HttpResponse *response) {
        (void) fprintf(
                stderr, "%s %s: %d, %zu bytes, %lld ms\n", request->method, request->url, response->status,
                response->body_length, (long long) (clock_monotonic_ms() - since));
}

static bool send_request(
        Client *client, HttpRequest *request, const char *path, HttpResponse *ret, Error **err) {
        CLEANUP(free) char *url = xasprintf("%s%s", client->endpoint, path);
        int64_t since = clock_monotonic_ms();

        request->url = url;
        if (client->timeout_ms)
                request->timeout_ms = client->timeout_ms;
        bool answered = http_client_send(client->http, request, ret, err);
        if (client->verbose)
                say(request, since, ret);
        if (!answered)
                return error_prefix(err, "%s", client->endpoint);
        return (ret->status >= 200 && ret->status < 300) || refuse(ret, err);
}

bool client_call(
        Client *client, const char *method, const char *path, const Document *body, const char *etag,
        Document **ret, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(free) char *text = body ? document_text(body) : NULL;
        CLEANUP(free) char *match = etag ? xasprintf("If-Match: %s", etag) : NULL;
        const char *headers[] = {
                client->authorization,
                "Content-Type: application/json",
                "Accept: application/json",
                match,
                NULL,
        };
        HttpRequest request = {
                .method = method,
                .headers = headers,
                .body = text,
                .body_length = text ? strlen(text) : 0,
        };

        if (!send_request(client, &request, path, &response, err))
                return false;
        if (!ret)
                return true;
        *ret = document_parse(response.body, response.body_length, err);
        return *ret || error_prefix(err, "the answer to %s %s", method, path);
}

bool client_stream(
        Client *client, const char *path, const char *extra_header,
        bool (*on_body)(void *context, const char *bytes, size_t length), void *context, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        const char *headers[] = { client->authorization, "Accept: text/event-stream, */*", extra_header,
                                  NULL };
        HttpRequest request = {
                .method = "GET",
                .headers = headers,
                .timeout_ms = HTTP_NO_TIMEOUT,
                .idle_timeout_ms = 90000,
                .on_body = on_body,
                .context = context,
        };

        return send_request(client, &request, path, &response, err);
}

static bool is_id(const char *word) {
        return strlen(word) == ID_LENGTH && strspn(word, "0123456789abcdef") == ID_LENGTH;
}

static char *app_query(const StringList *parts) {
        static const char *const names[APP_PARTS_MAX] = { "name", "env", "role", "blue_green.color" };
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(text_clear) Text query = { 0 };

        for (size_t i = 0; i < parts->count; i++)
                document_set_string(where, names[i], parts->items[i]);

        CLEANUP(free) char *text = document_text(where);
        text_append(&query, "/apps?");
        url_append_parameter(&query, "where", text);
        return text_take(&query);
}

char *client_find_app(Client *client, const char *word, Error **err) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        CLEANUP(document_free) Document *found = NULL;

        if (is_id(word))
                return xstrdup(word);
        text_split(word, '/', &parts);
        if (parts.count < APP_PARTS_MIN || parts.count > APP_PARTS_MAX) {
                (void) error_set(
                        err, ERROR_INVALID, "'%s' is neither an application's id nor NAME/ENV/ROLE", word);
                return NULL;
        }

        CLEANUP(free) char *path = app_query(&parts);
        if (!client_get(client, path, &found, err))
                return NULL;
        const Document *items = document_get(found, "_items");
        if (document_count(items) == 1)
                return xstrdup(document_get_string(document_at(items, 0), "_id"));
        if (document_count(items) == 0)
                (void) error_set(err, ERROR_NOT_FOUND, "no application '%s'", word);
        else
                (void) error_set(err, ERROR_CONFLICT, "'%s' has two colours: add /blue or /green", word);
        return NULL;
}
