#include "http/exchange.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/cookie.h"
#include "http/cors.h"
#include "http/framing.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/server.h"

enum { DISCARD_FACTOR = 4, STATUS_TOO_MANY = 429 };

typedef struct Exchange {
        char *raw_target;
        Request request;
        Response response;
        RouteMatch match;
        Text body;
        size_t received;
        int64_t started_ms;
        bool begun;   /* and counted among the open ones */
        bool refused; /* the response is decided: the body is only read over */
        bool answered;
        Websocket *websocket; /* until the connection has become it */
        Follower *waiter;     /* while the handler has no answer yet; NULL: it always had */
} Exchange;

static Exchange *exchange_new(const char *raw_target) {
        Exchange *exchange = xcalloc(1, sizeof(*exchange));

        exchange->raw_target = xstrdup(raw_target);
        exchange->started_ms = clock_monotonic_ms();
        response_init(&exchange->response);
        return exchange;
}

static void exchange_free(Exchange *exchange) {
        free(exchange->raw_target);
        request_clear(&exchange->request);
        response_clear(&exchange->response);
        route_match_clear(&exchange->match);
        text_clear(&exchange->body);
        websocket_discard(exchange->websocket);
        followers_remove_waiter(exchange->waiter);
        free(exchange);
}

void *exchange_on_target(void *context, const char *raw, struct MHD_Connection *connection) {
        (void) context;
        (void) connection;
        return exchange_new(raw);
}

static Connection *connection_of(struct MHD_Connection *connection) {
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

        return info ? info->socket_context : NULL;
}

static char *peer_of(struct MHD_Connection *connection) {
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        char word[INET6_ADDRSTRLEN] = "?";

        if (info && info->client_addr->sa_family == AF_INET) {
                const struct sockaddr_in *address = (const void *) info->client_addr;
                inet_ntop(AF_INET, &address->sin_addr, word, sizeof(word));
        } else if (info && info->client_addr->sa_family == AF_INET6) {
                const struct sockaddr_in6 *address = (const void *) info->client_addr;
                inet_ntop(AF_INET6, &address->sin6_addr, word, sizeof(word));
        }
        return xstrdup(word);
}

static enum MHD_Result collect_header(
        void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
        Request *request = context;

        (void) kind;
        pairs_take(&request->headers, xstrdup(name), xstrdup(value ? value : ""));
        return MHD_YES;
}

static void name_request(ExchangeContext *context, Exchange *exchange) {
        Request *request = &exchange->request;

        (void) snprintf(
                request->id, sizeof(request->id), "%08" PRIx32 "%08" PRIx32, context->id_prefix,
                atomic_fetch_add(&context->requests, 1));
}

static void fill_request(Exchange *exchange, struct MHD_Connection *connection, const char *method) {
        Request *request = &exchange->request;

        MHD_get_connection_values(connection, MHD_HEADER_KIND, collect_header, request);
        request->peer = peer_of(connection);
        request->received_ms = exchange->started_ms;

        const char *instead = request_header(request, "X-HTTP-Method-Override");
        request->method = xstrdup(instead && strcmp(method, "POST") == 0 ? instead : method);
}

/* Headers that leave no choice: too long a body by its own word. */
static bool announces_too_much(const Request *request, size_t limit) {
        CLEANUP(error_free) Error *ignored = NULL;
        const char *length = request_header(request, "Content-Length");
        uint64_t bytes;

        return length && !text_parse_uint(length, 0, limit, &bytes, &ignored);
}

/* The route's, where it wants less than the server takes. */
static size_t body_limit(const ExchangeContext *context, const Exchange *exchange) {
        const Route *route = exchange->match.route;

        return route && route->max_body_bytes > 0 && route->max_body_bytes < context->max_body_bytes
                       ? route->max_body_bytes
                       : context->max_body_bytes;
}

static void refuse_body(Exchange *exchange, size_t limit) {
        exchange->refused = true;
        response_fail(&exchange->response, 413, "The body may be %zu bytes long at most", limit);
}

static bool brings_body(const Request *request) {
        const char *length = request_header(request, "Content-Length");

        return request_header(request, "Transfer-Encoding") || (length && strcmp(length, "0") != 0);
}

/* Content types are only asked of methods that store what they bring. */
static bool content_type_missing(const Request *request, const Route *route) {
        bool stores = strcmp(route->method, "POST") == 0 || strcmp(route->method, "PATCH") == 0 ||
                      strcmp(route->method, "PUT") == 0;

        return stores && !(route->flags & ROUTE_ANY_BODY) && brings_body(request) &&
               !request_content_is(request, "application/json");
}

static bool find_route(ExchangeContext *context, Exchange *exchange) {
        Request *request = &exchange->request;
        Response *response = &exchange->response;

        router_match(context->resources, request->method, request->target.path, &exchange->match);
        if (exchange->match.route) {
                request->params = exchange->match.params;
                exchange->match.params = (Pairs){ 0 };
                return true;
        }
        if (!exchange->match.path_known) {
                response_fail(
                        response, 404,
                        "The requested URL was not found on the server. If you entered the URL manually "
                        "please "
                        "check your spelling and try again.");
                return false;
        }
        CLEANUP(free) char *allowed = router_allowed(context->resources, request->target.path);
        if (strcmp(request->method, "OPTIONS") == 0)
                response_text(response, 200, "text/plain", "");
        else
                response_fail(response, 405, "The method is not allowed for the requested URL.");
        response_header(response, "Allow", "%s", allowed);
        return false;
}

/* Browsers ask their user for a password when they see the challenge: not where a page of ours asked. */
static void ask_for_login(Exchange *exchange, const AuthAttempt *attempt) {
        if (attempt->session || request_header(&exchange->request, "X-Requested-With"))
                response_fail(&exchange->response, 401, "Please provide proper credentials");
        else
                response_unauthorized(&exchange->response);
}

static void refuse_attempt(Exchange *exchange, const AuthAttempt *attempt, const Error *error) {
        if (attempt->retry_after_s > 0) {
                response_fail(&exchange->response, STATUS_TOO_MANY, "%s", error_message(error));
                response_header(&exchange->response, "Retry-After", "%u", attempt->retry_after_s);
        } else if (error_kind(error) == ERROR_FORBIDDEN)
                ask_for_login(exchange, attempt);
        else
                response_error(&exchange->response, error);
}

/* A cookie comes with whatever a browser sends here, whoever made it do so; the header only from our pages.
 */
static bool proves_its_page(const Request *request) {
        static const char *const reading[] = { "GET", "HEAD", "OPTIONS" };
        const char *expected = request->account.csrf_token, *sent = request_header(request, "X-CSRF-Token");

        for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++)
                if (!expected || strcmp(request->method, reading[i]) == 0)
                        return true;
        return sent && strlen(sent) == strlen(expected) && crypto_equal(sent, expected, strlen(expected));
}

/* Credentials are looked at wherever they come, and needed where the route says so. */
static bool check_rights(ExchangeContext *context, Exchange *exchange) {
        CLEANUP(error_free) Error *error = NULL;
        Request *request = &exchange->request;
        CLEANUP(free) char *session = cookie_find(request_header(request, "Cookie"), SESSION_COOKIE);
        AuthAttempt attempt = { .peer = request->peer,
                                .authorization = request_header(request, "Authorization"),
                                .session = session };

        if (!auth_check(context->auth, &attempt, &request->account, &error)) {
                refuse_attempt(exchange, &attempt, error);
                return false;
        }
        if (!proves_its_page(request)) {
                response_fail(
                        &exchange->response, 403,
                        "A session changes things only with its X-CSRF-Token header");
                return false;
        }
        if (request_has_right(request, exchange->match.route->right))
                return true;
        if (!request->account.name)
                ask_for_login(exchange, &attempt);
        else
                response_fail(&exchange->response, 403, "This account has no right to do that");
        return false;
}

/* Everything that can be decided before the body is here. */
static bool admit(ExchangeContext *context, Exchange *exchange) {
        CLEANUP(error_free) Error *error = NULL;
        Request *request = &exchange->request;

        if (strlen(exchange->raw_target) > TARGET_MAX_LENGTH) {
                response_fail(&exchange->response, 414, "The request target is too long");
                return false;
        }
        if (!target_parse(exchange->raw_target, &request->target, &error)) {
                response_fail(&exchange->response, 400, "%s", error_message(error));
                return false;
        }
        if (!find_route(context, exchange) || !check_rights(context, exchange))
                return false;
        if (content_type_missing(request, exchange->match.route)) {
                response_fail(&exchange->response, 400, "Unknown or no Content-Type header supplied");
                return false;
        }
        return true;
}

static void run_handler(ExchangeContext *context, Exchange *exchange) {
        CLEANUP(error_free) Error *error = NULL;
        Request *request = &exchange->request;
        Response *response = &exchange->response;

        if (!request->body) { /* a handler may be asked again */
                request->body_length = exchange->body.length;
                request->body = text_take(&exchange->body);
        }
        if (!exchange->match.route->handle(request, response, context->services, &error))
                response_error(response, error);
}

/* False: no answer yet, and the connection sleeps until the request comes here again. */
static bool ask_handler(ExchangeContext *context, Exchange *exchange, struct MHD_Connection *connection) {
        Response *response = &exchange->response;

        connections_got_request(connection_of(connection));
        for (;;) {
                FollowerSleep sleep = FOLLOWER_WOKEN;

                response_clear(response);
                if (exchange->waiter)
                        follower_listen(exchange->waiter);
                run_handler(context, exchange);
                if (response->kind != BODY_LATER)
                        return true;
                if (exchange->waiter)
                        sleep = follower_sleep(exchange->waiter, response->wait_until);
                else if (!(exchange->waiter =
                                   followers_add_waiter(&context->followers, connection, response->topic))) {
                        response_fail(response, 503, "too many requests wait");
                        return true;
                }
                if (sleep == FOLLOWER_STOPPED)
                        response_fail(response, 503, "the server stops");
                if (sleep != FOLLOWER_WOKEN)
                        return sleep == FOLLOWER_STOPPED;
        }
}

static struct MHD_Response *build_answer(
        ExchangeContext *context, Exchange *exchange, struct MHD_Connection *connection) {
        Response *response = &exchange->response;

        if (response->kind == BODY_WEBSOCKET) {
                struct MHD_Response *answer =
                        websockets_answer(&context->websockets, response, &exchange->websocket);
                if (answer)
                        return answer;
                response_fail(response, 503, "too many streams are open");
        }
        if (response->kind == BODY_STREAM) {
                struct MHD_Response *answer = followers_answer(&context->followers, connection, response);
                if (answer)
                        return answer;
                response_fail(response, 503, "too many streams are open");
        }
        if (response->kind == BODY_FILE) {
                struct MHD_Response *answer = MHD_create_response_from_fd_at_offset64(
                        response->length, response->fd, response->offset);
                if (answer)
                        response->fd = -1; /* now the library's */
                return answer;
        }
        size_t length = response->text.length;
        char *text = text_take(&response->text);
        struct MHD_Response *answer = MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
        if (!answer)
                free(text);
        return answer;
}

static enum MHD_Result answer(
        ExchangeContext *context, Exchange *exchange, struct MHD_Connection *connection) {
        Response *response = &exchange->response;

        connections_got_request(connection_of(connection));
        cors_answer(context->cors_origins, &exchange->request, response);
        struct MHD_Response *built = build_answer(context, exchange, connection);
        if (!built)
                return MHD_NO;
        for (size_t i = 0; i < response->headers.count; i++)
                MHD_add_response_header(
                        built, response->headers.items[i].name, response->headers.items[i].value);
        MHD_add_response_header(built, "X-Request-Id", exchange->request.id);
        MHD_add_response_header(built, "X-Content-Type-Options", "nosniff");
        if (atomic_load(&context->stopping) && response->status != 101)
                MHD_add_response_header(built, "Connection", "close");

        exchange->answered = true;
        enum MHD_Result result = MHD_queue_response(connection, (unsigned) response->status, built);
        MHD_destroy_response(built);
        return result;
}

/* A client that asks whether it may send its body is told that it need not. */
static bool may_answer_now(const Exchange *exchange) {
        return exchange->refused && request_header(&exchange->request, "Expect");
}

static enum MHD_Result refuse_framing(
        ExchangeContext *context, Exchange *exchange, struct MHD_Connection *connection, const Error *why) {
        exchange->refused = true;
        response_fail(&exchange->response, 400, "%s", error_message(why));
        response_header(&exchange->response, "Connection", "close");
        return answer(context, exchange, connection);
}

static enum MHD_Result begin(
        ExchangeContext *context, Exchange *exchange, struct MHD_Connection *connection, const char *method,
        const char *version) {
        CLEANUP(error_free) Error *error = NULL;

        exchange->begun = true;
        atomic_fetch_add(&context->open, 1);
        fill_request(exchange, connection, method);
        exchange->request.secure = context->secure;

        if (!framing_check(&exchange->request.headers, version, &error))
                return refuse_framing(context, exchange, connection, error);
        if (announces_too_much(&exchange->request, context->max_body_bytes)) {
                refuse_body(exchange, context->max_body_bytes);
                return answer(context, exchange, connection);
        }
        exchange->refused = !admit(context, exchange);
        if (!exchange->refused && announces_too_much(&exchange->request, body_limit(context, exchange))) {
                refuse_body(exchange, body_limit(context, exchange));
                return answer(context, exchange, connection);
        }
        return may_answer_now(exchange) ? answer(context, exchange, connection) : MHD_YES;
}

/* False: far more than allowed keeps coming; the connection goes. */
static bool take_body(ExchangeContext *context, Exchange *exchange, const char *bytes, size_t length) {
        size_t limit = body_limit(context, exchange);

        exchange->received += length;
        if (exchange->received > limit && !exchange->refused) {
                refuse_body(exchange, limit);
                response_header(&exchange->response, "Connection", "close");
                text_clear(&exchange->body);
        }
        if (!exchange->refused)
                text_append_bytes(&exchange->body, bytes, length);
        return exchange->received / DISCARD_FACTOR <= limit;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd's own signature */
enum MHD_Result exchange_on_request(
        void *context, struct MHD_Connection *connection, const char *url, const char *method,
        const char *version, const char *bytes, size_t *length, void **state) {
        ExchangeContext *shared = context;
        Exchange *exchange = *state;

        (void) url;
        if (!exchange->begun)
                name_request(shared, exchange);
        LOG_SCOPE("request", exchange->request.id);
        if (!exchange->begun)
                return begin(shared, exchange, connection, method, version);
        if (*length > 0) {
                bool sane = take_body(shared, exchange, bytes, *length);
                *length = 0;
                return sane ? MHD_YES : MHD_NO;
        }
        if (!exchange->refused && !ask_handler(shared, exchange, connection))
                return MHD_YES;
        return answer(shared, exchange, connection);
}

void exchange_forget_websocket(void *exchange) {
        ((Exchange *) exchange)->websocket = NULL;
}

static void note_answer(const ExchangeContext *context, const Exchange *exchange, bool whole) {
        const Request *request = &exchange->request;
        const Response *response = &exchange->response;
        const Route *route = exchange->match.route;
        int64_t duration_ms = clock_monotonic_ms() - exchange->started_ms;
        bool stream = response->kind == BODY_STREAM || response->kind == BODY_WEBSOCKET;
        const ServerAnswer answer = { .method = route ? route->method : "other",
                                      .route = route ? route->path : "other",
                                      .status = response->status,
                                      .duration_ms = stream ? -1 : duration_ms };

        LOG_SCOPE("request", request->id);
        log_info(
                "%s %s %d %" PRId64 " ms user=%s peer=%s%s", request->method,
                request->target.path ? request->target.path : "?", response->status, duration_ms,
                request->account.name ? request->account.name : "-", request->peer, whole ? "" : " (cut)");
        if (context->answered)
                context->answered(context->answered_context, &answer);
}

void exchange_on_completed(
        void *context, struct MHD_Connection *connection, void **state,
        enum MHD_RequestTerminationCode reason) {
        ExchangeContext *shared = context;
        Exchange *exchange = *state;

        if (!exchange)
                return;
        connections_await_request(&shared->connections, connection_of(connection));
        if (exchange->begun)
                atomic_fetch_sub(&shared->open, 1);
        if (exchange->answered)
                note_answer(shared, exchange, reason == MHD_REQUEST_TERMINATED_COMPLETED_OK);
        exchange_free(exchange);
        *state = NULL;
}
