/* A running server on a free port, driven over plain sockets. */
#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"

enum { PATIENCE_MS = 10000, BODY_MAX = 2000 };
#define ID "0123456789abcdef01234567"
#define ANN "Authorization: Bearer ann\r\n" /* an operator */

struct Services {
        pthread_mutex_t lock;
        unsigned available; /* bytes a stream may have sent */
        atomic_int streams_freed;
};

typedef struct Counter {
        Services *services;
        unsigned sent;
} Counter;

static bool find_user(void *context, const char *name, char **ret_hash, Right *ret_right, Error **err) {
        (void) context, (void) ret_hash, (void) ret_right;
        return error_set(err, ERROR_NOT_FOUND, "no user %s", name);
}

static bool find_token(void *context, const char *token, Account *ret, Error **err) {
        (void) context;
        if (strcmp(token, "ann") != 0)
                return error_set(err, ERROR_NOT_FOUND, "no such token");
        *ret = (Account){ .name = xstrdup("ann"), .right = RIGHT_OPERATE };
        return true;
}

static bool echo(const Request *request, Response *response, Services *services, Error **err) {
        (void) services, (void) err;
        const char *q = request_query(request, "q");
        response_text(response, 200, "text/plain", "");
        text_appendf(
                &response->text, "%s %s q=%s user=%s body=%s", request->method, request_param(request, "id"),
                q ? q : "-", request_user(request), request->body);
        return true;
}

static bool break_down(const Request *request, Response *response, Services *services, Error **err) {
        (void) response, (void) services;
        const char *kind = request_query(request, "kind");
        if (kind && strcmp(kind, "conflict") == 0)
                return error_set(err, ERROR_CONFLICT, "already \"there\"\n");
        return error_set(err, ERROR_INTERNAL, "the secret reason");
}

static bool file(const Request *request, Response *response, Services *services, Error **err) {
        char path[] = "/tmp/ghost-http-XXXXXX";
        int fd = mkstemp(path);

        (void) request, (void) services, (void) err;
        unlink(path);
        assert_int_equal(write(fd, "0123456789", 10), 10);
        response->status = 206;
        response_file(response, fd, 3, 4);
        return true;
}

static StreamRead read_counter(void *context, char *buffer, size_t size, size_t *ret_length) {
        Counter *counter = context;

        pthread_mutex_lock(&counter->services->lock);
        unsigned available = counter->services->available;
        pthread_mutex_unlock(&counter->services->lock);
        if (counter->sent >= 1000)
                return STREAM_END;
        if (counter->sent >= available)
                return STREAM_WAIT;
        *ret_length = available - counter->sent < size ? available - counter->sent : size;
        memset(buffer, 'x', *ret_length);
        counter->sent += (unsigned) *ret_length;
        return STREAM_DATA;
}

static void free_counter(void *context) {
        Counter *counter = context;

        atomic_fetch_add(&counter->services->streams_freed, 1);
        free(counter);
}

static bool stream(const Request *request, Response *response, Services *services, Error **err) {
        Counter *counter = xcalloc(1, sizeof(*counter));

        (void) request, (void) err;
        counter->services = services;
        response_events(
                response,
                &(ResponseStream){
                        .read = read_counter, .free = free_counter, .context = counter, .topic = "counter" });
        return true;
}

static const Route test_routes[] = {
        { "GET", "/echo/{id}", RIGHT_READ, echo },
        { "POST", "/echo/{id}", RIGHT_OPERATE, echo },
        { "PATCH", "/echo/{id}", RIGHT_OPERATE, echo },
        { "DELETE", "/echo/{id}", RIGHT_ADMIN, echo },
        { "POST", "/raw/{id}", RIGHT_NONE, echo, ROUTE_ANY_BODY },
        { "POST", "/small/{id}", RIGHT_NONE, echo, ROUTE_ANY_BODY, .max_body_bytes = 100 },
        { "POST", "/large/{id}", RIGHT_NONE, echo, ROUTE_ANY_BODY, .max_body_bytes = 9000 },
        { "GET", "/fail", RIGHT_NONE, break_down },
        { "GET", "/file", RIGHT_NONE, file },
        { "GET", "/stream", RIGHT_NONE, stream },
};
static const Resource test_resource = RESOURCE("test", test_routes);
static const Resource *const resources[] = { &test_resource, NULL };

typedef struct Fixture {
        Services services;
        Auth *auth;
        Server *server;
} Fixture;

static int start(void **state) {
        const AuthSource source = { .find_user = find_user, .find_token = find_token };
        const ServerOptions options = { .listen = "127.0.0.1:0",
                                        .threads = 2,
                                        .stream_limit = 2,
                                        .idle_timeout_ms = 2000,
                                        .request_timeout_ms = 1500,
                                        .keep_alive_ms = 300,
                                        .max_body_bytes = BODY_MAX,
                                        .max_header_bytes = 8192 };
        Fixture *fixture = xcalloc(1, sizeof(*fixture));

        pthread_mutex_init(&fixture->services.lock, NULL);
        fixture->auth = auth_new(&source);
        assert_ok(
                fixture->server = server_start(&options, resources, &fixture->services, fixture->auth, err));
        *state = fixture;
        return 0;
}

static int stop(void **state) {
        Fixture *fixture = *state;

        server_stop(fixture->server);
        auth_free(fixture->auth);
        pthread_mutex_destroy(&fixture->services.lock);
        free(fixture);
        return 0;
}

static int dial(const Fixture *fixture) {
        const struct sockaddr_in address = { .sin_family = AF_INET,
                                             .sin_port = htons(server_port(fixture->server)),
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

static void say(int fd, const char *text) {
        size_t length = strlen(text);

        while (length > 0) {
                ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
                if (sent < 0)
                        return; /* the server hung up: what it said is still to be read */
                text += sent;
                length -= (size_t) sent;
        }
}

/* Reads until the server closes or text occurs ("": only until it closes). */
static char *hear(int fd, const char *text) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);
        Text heard = { 0 };
        char block[4096];

        while (!heard.data || !text[0] || !strstr(heard.data, text)) {
                struct pollfd ready = { .fd = fd, .events = POLLIN };
                if (poll(&ready, 1, deadline_left_ms(deadline)) <= 0)
                        fail_msg("waited in vain for '%s' after '%s'", text, heard.data ? heard.data : "");
                ssize_t length = read(fd, block, sizeof(block));
                if (length <= 0)
                        break;
                text_append_bytes(&heard, block, (size_t) length);
        }
        return text_take(&heard);
}

/* One request on its own connection, the whole answer. */
static char *ask(const Fixture *fixture, const char *line, const char *headers, const char *body) {
        CLEANUP(file_close) int fd = dial(fixture);
        CLEANUP(free)
        char *request =
                xasprintf("%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n%s", line, headers, body);

        say(fd, request);
        return hear(fd, "");
}

static void assert_answer(char *answer, const char *status, const char *part) {
        CLEANUP(free) char *owned = answer;

        if (!text_starts_with(owned, status) || !strstr(owned, part))
                fail_msg("expected '%s' with '%s', got: %s", status, part, owned);
}

static void a_request_reaches_its_handler(void **state) {
        assert_answer(
                ask(*state, "GET /echo/" ID "/?q=a%20b", ANN, ""), "HTTP/1.1 200",
                "GET " ID " q=a b user=ann body=");
        assert_answer(
                ask(*state, "POST /echo/" ID,
                    ANN "Content-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n", "{}"),
                "HTTP/1.1 200", "body={}");
        assert_answer(
                ask(*state, "POST /echo/" ID,
                    ANN "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
                    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
                "HTTP/1.1 200", "body=abcde");
}

static void rights_are_checked_before_the_handler(void **state) {
        assert_answer(
                ask(*state, "GET /echo/" ID, "", ""), "HTTP/1.1 401",
                "WWW-Authenticate: Basic realm=\"eve\"");
        assert_answer(
                ask(*state, "GET /echo/" ID, "Authorization: Bearer bob\r\n", ""), "HTTP/1.1 401",
                "{\"_status\":\"ERR\",\"_error\":{\"code\":401,\"message\":\"Please provide proper "
                "credentials\"}}");
        assert_answer(ask(*state, "DELETE /echo/" ID, ANN, ""), "HTTP/1.1 403", "\"code\":403");
        assert_answer(
                ask(*state, "POST /raw/" ID, "Authorization: Basic garbage\r\nContent-Length: 1\r\n", "x"),
                "HTTP/1.1 401", "proper");
}

static void wrong_paths_methods_and_content_types_are_told(void **state) {
        assert_answer(ask(*state, "GET /nowhere", ANN, ""), "HTTP/1.1 404", "\"code\":404");
        assert_answer(ask(*state, "GET /echo/ABC", ANN, ""), "HTTP/1.1 404", "\"code\":404");
        assert_answer(
                ask(*state, "PUT /echo/" ID, ANN, ""), "HTTP/1.1 405",
                "DELETE, GET, HEAD, OPTIONS, PATCH, POST");
        assert_answer(ask(*state, "OPTIONS /echo/" ID, "", ""), "HTTP/1.1 200", "Allow: DELETE, GET");
        assert_answer(
                ask(*state, "POST /echo/" ID, ANN "Content-Length: 1\r\n", "x"), "HTTP/1.1 400",
                "Unknown or no Content-Type header supplied");
        assert_answer(
                ask(*state, "POST /raw/" ID, "Content-Length: 1\r\nContent-Type: text/x\r\n", "x"),
                "HTTP/1.1 200", "body=x");
        assert_answer(ask(*state, "GET /a%00b", ANN, ""), "HTTP/1.1 400", "forbidden character");
}

static void head_and_method_override_are_understood(void **state) {
        CLEANUP(free) char *head = ask(*state, "HEAD /echo/" ID, ANN, "");

        assert_true(text_starts_with(head, "HTTP/1.1 200"));
        assert_null(strstr(head, "user=ann"));
        assert_answer(
                ask(*state, "POST /echo/" ID,
                    ANN "X-HTTP-Method-Override: PATCH\r\nContent-Type: application/json\r\nContent-Length: "
                        "2\r\n",
                    "{}"),
                "HTTP/1.1 200", "PATCH " ID);
        assert_answer(
                ask(*state, "GET /echo/" ID, ANN "X-HTTP-Method-Override: DELETE\r\n", ""), "HTTP/1.1 200",
                "GET ");
}

static void errors_become_envelopes(void **state) {
        assert_answer(
                ask(*state, "GET /fail?kind=conflict", "", ""), "HTTP/1.1 409",
                "{\"_status\":\"ERR\",\"_error\":{\"code\":409,\"message\":\"already "
                "\\\"there\\\"\\u000a\"}}");
        CLEANUP(free) char *internal = ask(*state, "GET /fail", "", "");
        assert_true(text_starts_with(internal, "HTTP/1.1 500"));
        assert_null(strstr(internal, "secret"));
        assert_non_null(strstr(internal, "X-Request-Id: "));
}

static void a_part_of_a_file_is_sent(void **state) {
        CLEANUP(free) char *answer = ask(*state, "GET /file", "", "");

        assert_true(text_starts_with(answer, "HTTP/1.1 206"));
        assert_true(text_ends_with(answer, "\r\n\r\n3456"));
}

static void bodies_are_bounded(void **state) {
        CLEANUP(free) char *body = xcalloc(1, BODY_MAX + 2);
        CLEANUP(text_clear) Text chunks = { 0 };

        memset(body, 'a', BODY_MAX + 1);
        assert_answer(
                ask(*state, "POST /raw/" ID, "Content-Length: 99999999999\r\n", ""), "HTTP/1.1 413",
                "2000 bytes");
        assert_answer(
                ask(*state, "POST /raw/" ID, "Content-Length: 2001\r\n", body), "HTTP/1.1 413", "2000 bytes");
        text_appendf(&chunks, "7d1\r\n%s\r\n0\r\n\r\n", body);
        assert_answer(
                ask(*state, "POST /raw/" ID, "Transfer-Encoding: chunked\r\n", chunks.data), "HTTP/1.1 413",
                "2000 bytes");
        body[BODY_MAX] = '\0';
        assert_answer(
                ask(*state, "POST /raw/" ID, "Content-Length: 2000\r\n", body), "HTTP/1.1 200", "body=aaa");

        /* A route may want less than the server takes, not more. */
        CLEANUP(text_clear) Text few = { 0 };
        text_appendf(&few, "65\r\n%.101s\r\n0\r\n\r\n", body);
        assert_answer(
                ask(*state, "POST /small/" ID, "Content-Length: 101\r\n", body), "HTTP/1.1 413", "100 bytes");
        assert_answer(
                ask(*state, "POST /small/" ID, "Transfer-Encoding: chunked\r\n", few.data), "HTTP/1.1 413",
                "100 bytes");
        assert_answer(
                ask(*state, "POST /small/" ID, "Content-Length: 3\r\n", "aaa"), "HTTP/1.1 200", "body=aaa");
        assert_answer(
                ask(*state, "POST /large/" ID, "Content-Length: 2001\r\n", body), "HTTP/1.1 413",
                "2000 bytes");

        /* Who goes on for ever is cut off. */
        CLEANUP(file_close) int fd = dial(*state);
        say(fd, "POST /raw/" ID " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 50; i++)
                say(fd, "3e8\r\n"), say(fd, body + 1000), say(fd, "\r\n");
        CLEANUP(free) char *rest = hear(fd, "");
        assert_null(strstr(rest, "200"));
}

static void garbage_does_not_hurt(void **state) {
        static const char *const lines[] = {
                "\r\n\r\n\r\n",
                "\x16\x03\x01\x02\x01\x01\xfc\x03\x03garbage\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET /echo/" ID " HTTP/1.1\r\n\r\n",
                "POST /raw/" ID " HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                "POST /raw/" ID " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"
        };
        CLEANUP(free) char *longest = xcalloc(1, 100001);

        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                CLEANUP(file_close) int fd = dial(*state);
                say(fd, lines[i]);
                shutdown(fd, SHUT_WR); /* half-closed */
                free(hear(fd, ""));
        }
        memset(longest, 'a', 100000);
        assert_answer(ask(*state, longest, "", ""), "", "");
        CLEANUP(free) char *header = xasprintf("X-Long: %s\r\n", longest);
        assert_answer(ask(*state, "GET /fail", header, ""), "HTTP/1.1 4", "");
        assert_answer(ask(*state, "GET /echo/" ID, ANN, ""), "HTTP/1.1 200", "user=ann");
}

static void a_client_that_drips_is_cut_off(void **state) {
        CLEANUP(file_close) int fd = dial(*state);
        Deadline patience = deadline_after_ms(PATIENCE_MS);
        struct pollfd ready = { .fd = fd, .events = POLLIN };

        say(fd, "GET /echo/" ID " HTTP/1.1\r\nX: ");
        while (poll(&ready, 1, 100) == 0) { /* never silent for the idle time */
                assert_false(deadline_passed(patience));
                say(fd, "a");
        }
        char byte;
        assert_true(read(fd, &byte, 1) <= 0);
}

static void allow(Fixture *fixture, unsigned bytes) {
        pthread_mutex_lock(&fixture->services.lock);
        fixture->services.available = bytes;
        pthread_mutex_unlock(&fixture->services.lock);
}

static void a_stream_is_woken_and_ends(void **state) {
        Fixture *fixture = *state;
        CLEANUP(file_close) int fd = dial(fixture);

        allow(fixture, 0);
        say(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        CLEANUP(free) char *head = hear(fd, "\r\n\r\n");
        assert_non_null(strstr(head, "text/event-stream"));
        allow(fixture, 3);
        server_wake_streams(fixture->server, "other");
        server_wake_streams(fixture->server, "counter");
        CLEANUP(free) char *some = hear(fd, "xxx");
        allow(fixture, 1000);
        server_wake_streams(fixture->server, "counter");
        CLEANUP(free) char *rest = hear(fd, "\r\n0\r\n\r\n");
}

static void it_is_known_that_it_moves(void **state) {
        const Fixture *fixture = *state;
        int64_t start_ms = clock_monotonic_ms();
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        while (server_moved_ms(fixture->server) <= start_ms && !deadline_passed(deadline))
                clock_sleep_ms(5);
        assert_true(server_moved_ms(fixture->server) > start_ms);
}

static void a_stream_is_asked_again_without_a_wake(void **state) {
        Fixture *fixture = *state;
        CLEANUP(file_close) int fd = dial(fixture);

        allow(fixture, 0);
        say(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        CLEANUP(free) char *head = hear(fd, "\r\n\r\n");
        allow(fixture, 3);
        CLEANUP(free) char *some = hear(fd, "xxx");
}

static void streams_are_bounded_in_number(void **state) {
        Fixture *fixture = *state;
        CLEANUP(file_close) int first = dial(fixture), second = dial(fixture);

        allow(fixture, 0);
        say(first, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        free(hear(first, "\r\n\r\n"));
        say(second, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        free(hear(second, "\r\n\r\n"));
        assert_answer(ask(fixture, "GET /stream", "", ""), "HTTP/1.1 503", "too many streams");
        /* stop() of the fixture ends the server under both */
}

int main(void) {
#define with_server(test) cmocka_unit_test_setup_teardown(test, start, stop)
        const struct CMUnitTest tests[] = {
                with_server(a_request_reaches_its_handler),
                with_server(rights_are_checked_before_the_handler),
                with_server(wrong_paths_methods_and_content_types_are_told),
                with_server(head_and_method_override_are_understood),
                with_server(errors_become_envelopes),
                with_server(a_part_of_a_file_is_sent),
                with_server(bodies_are_bounded),
                with_server(garbage_does_not_hurt),
                with_server(a_client_that_drips_is_cut_off),
                with_server(a_stream_is_woken_and_ends),
                with_server(it_is_known_that_it_moves),
                with_server(a_stream_is_asked_again_without_a_wake),
                with_server(streams_are_bounded_in_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
