/* Requests whose answer is not there yet: they sleep without a thread, and are woken. */
#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"

enum { PATIENCE_MS = 10000, WAIT_MS = 400 };

struct Services {
        atomic_bool ready;
        atomic_int asked;
};

/* Waits for a bounded time, as handlers should. */
static bool handle(const Request *request, Response *response, Services *services, Error **err) {
        Deadline until = request->received_ms + PATIENCE_MS;

        (void) err;
        services->asked++;
        if (text_equal(request_query(request, "patience"), "short"))
                until = request->received_ms + WAIT_MS;
        if (services->ready)
                response_text(response, 200, "text/plain", request->body[0] ? request->body : "here");
        else if (deadline_passed(until))
                response_fail(response, 504, "it took too long");
        else
                response_wait(response, "thing", until);
        return true;
}

static const Route routes[] = {
        { "GET", "/thing", RIGHT_NONE, handle },
        { "POST", "/thing", RIGHT_NONE, handle, ROUTE_ANY_BODY },
};
static const Resource resource = RESOURCE("test", routes);
static const Resource *const resources[] = { &resource, NULL };

typedef struct Fixture {
        Services services;
        Auth *auth;
        Server *server;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        server_stop(fixture->server);
        auth_free(fixture->auth);
}

static void start(Fixture *fixture) {
        const ServerOptions options = {
                .listen = "127.0.0.1:0", .threads = 1, .stream_limit = 3, .stop_timeout_ms = PATIENCE_MS
        };

        fixture->auth = auth_new(&(AuthSource){ 0 });
        assert_ok(
                fixture->server = server_start(&options, resources, &fixture->services, fixture->auth, err));
}

static int ask(Fixture *fixture, const char *head, const char *body) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons(server_port(fixture->server)),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CLEANUP(free)
        char *text = xasprintf(
                "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", head,
                strlen(body), body);

        assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
        return fd;
}

/* Until the server closes. */
static void check_answer(int fd, const char *status, const char *part) {
        const struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
        CLEANUP(text_clear) Text answer = { 0 };
        char bytes[4096];
        ssize_t count;

        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        while ((count = recv(fd, bytes, sizeof(bytes), 0)) > 0)
                text_append_bytes(&answer, bytes, (size_t) count);
        assert_int_equal(count, 0);
        const char *got = answer.data ? answer.data : "";
        assert_true(text_starts_with(got, status));
        assert_non_null(strstr(got, part));
        close(fd);
}

static void await_asked(Fixture *fixture, int count) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        while (fixture->services.asked < count && !deadline_passed(deadline))
                clock_sleep_ms(2);
        assert_true(fixture->services.asked >= count);
}

/* One thread serves all, so none of them may hold it. */
static void several_wait_and_are_woken(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        start(&fixture);
        int first = ask(&fixture, "GET /thing", ""), second = ask(&fixture, "POST /thing", "a body");
        await_asked(&fixture, 4); /* each looks again once it listens */
        server_wake_streams(fixture.server, "another thing");
        fixture.services.ready = true;
        server_wake_streams(fixture.server, "thing");
        check_answer(first, "HTTP/1.1 200", "here");
        check_answer(second, "HTTP/1.1 200", "a body");
        check_answer(ask(&fixture, "GET /thing", ""), "HTTP/1.1 200", "here");
}

static void waiting_has_an_end(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        int64_t started_ms = clock_monotonic_ms();

        (void) state;
        start(&fixture);
        check_answer(ask(&fixture, "GET /thing?patience=short", ""), "HTTP/1.1 504", "it took too long");
        assert_true(clock_monotonic_ms() - started_ms >= WAIT_MS);
}

static void places_are_bounded_and_given_back(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        int waiting[3];

        (void) state;
        start(&fixture);
        for (int i = 0; i < 3; i++) {
                waiting[i] = ask(&fixture, "GET /thing", "");
                await_asked(&fixture, 2 * (i + 1));
        }
        check_answer(ask(&fixture, "GET /thing", ""), "HTTP/1.1 503", "too many requests wait");
        fixture.services.ready = true;
        server_wake_streams(fixture.server, "thing");
        for (int i = 0; i < 3; i++)
                check_answer(waiting[i], "HTTP/1.1 200", "here");
        fixture.services.ready = false;
        check_answer(ask(&fixture, "GET /thing?patience=short", ""), "HTTP/1.1 504", "it took too long");
}

static void a_stop_does_not_wait_for_them(void **state) {
        Fixture fixture = { 0 };

        (void) state;
        start(&fixture);
        int fd = ask(&fixture, "GET /thing", "");
        await_asked(&fixture, 2);
        int64_t started_ms = clock_monotonic_ms();
        fixture_clearp(&fixture);
        assert_true(clock_monotonic_ms() - started_ms < PATIENCE_MS);
        check_answer(fd, "HTTP/1.1 503", "the server stops");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(several_wait_and_are_woken),
                cmocka_unit_test(waiting_has_an_end),
                cmocka_unit_test(places_are_bounded_and_given_back),
                cmocka_unit_test(a_stop_does_not_wait_for_them),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
