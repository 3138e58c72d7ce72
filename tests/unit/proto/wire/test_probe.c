/* With real sockets on loopback. */
#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/scripted_http.h"
#include "wire/probe.h"

static uint32_t port_of(const ScriptedHttp *server) {
        return (uint32_t) strtoul(strrchr(scripted_http_url(server), ':') + 1, NULL, 10);
}

/* A listening socket that never accepts; port 0 becomes the one it got. */
static int listen_on(uint32_t *port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 8), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *) &address, &length), 0);
        *port = ntohs(address.sin_port);
        return fd;
}

static void the_status_is_the_answer(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "fine" },
                                                 { 302, .headers = "Location: http://127.0.0.1:1/\r\n" },
                                                 { 503, .body = "not yet" } };
        ScriptedHttp *server = scripted_http_start_table(replies);
        const atomic_bool cancelled = false;
        const Probe probe = { .host = "127.0.0.1",
                              .port = port_of(server),
                              .path = "/up?deep=1",
                              .timeout_ms = 5000,
                              .cancelled = &cancelled };
        static const int expected[] = { 200, 302, 503 };

        (void) state;
        for (size_t i = 0; i < 3; i++) {
                int status = -1;
                assert_ok(probe_ask(&probe, &status, err));
                assert_int_equal(status, expected[i]);
        }
        assert_int_equal(scripted_http_request_count(server), 3); /* the redirect was not followed */
        const char *request = scripted_http_request(server, 0);
        assert_int_equal(strncmp(request, "GET /up?deep=1 HTTP/1.1\r\n", 25), 0);
        assert_non_null(strstr(request, "Host: 127.0.0.1"));
        scripted_http_stop(server);
}

static void a_long_answer_is_not_read(void **state) {
        static const ScriptedReply reply[] = { { 200, .body = "0123456789abcdef", .repeat = 8 << 20 } };
        ScriptedHttp *server = scripted_http_start_table(reply);
        const atomic_bool cancelled = false;
        const Probe probe = { "127.0.0.1", port_of(server), "/", 5000, &cancelled };
        int status = 0;
        int64_t begun = clock_monotonic_ms();

        (void) state;
        assert_ok(probe_ask(&probe, &status, err));
        assert_int_equal(status, 200);
        assert_true(clock_monotonic_ms() - begun < 4000);
        scripted_http_stop(server);
}

static void nobody_there_is_refused(void **state) {
        const atomic_bool cancelled = false;
        uint32_t port = 0;
        int fd = listen_on(&port), status = 0;

        (void) state;
        close(fd);
        const Probe http = { "127.0.0.1", port, "/", 5000, &cancelled };
        const Probe tcp = { "127.0.0.1", port, NULL, 5000, &cancelled };
        assert_fails(ERROR_UNAVAILABLE, "Connection refused", probe_ask(&http, &status, err));
        assert_fails(ERROR_UNAVAILABLE, "Connection refused", probe_ask(&tcp, &status, err));
}

static void a_listener_is_enough_for_tcp_but_silence_is_no_http(void **state) {
        const atomic_bool cancelled = false;
        uint32_t port = 0;
        int fd = listen_on(&port), status = 0;
        const Probe tcp = { "127.0.0.1", port, NULL, 5000, &cancelled };
        const Probe http = { "127.0.0.1", port, "/", 200, &cancelled };

        (void) state;
        assert_ok(probe_ask(&tcp, &status, err));
        assert_int_equal(status, 0);
        assert_fails(ERROR_TIMEOUT, "no answer within 0.2 s", probe_ask(&http, &status, err));
        close(fd);
}

static void *answer_rubbish(void *context) {
        static const char rubbish[] = "SSH-2.0-OpenSSH\r\n\r\n";
        char request[512];
        int fd = accept(*(int *) context, NULL, NULL);

        if (read(fd, request, sizeof(request)) > 0)
                (void) !write(fd, rubbish, sizeof(rubbish) - 1);
        close(fd);
        return NULL;
}

static void another_protocol_is_told_apart(void **state) {
        const atomic_bool cancelled = false;
        pthread_t thread;
        uint32_t port = 0;
        int fd = listen_on(&port), status = 0;
        const Probe probe = { "127.0.0.1", port, "/", 5000, &cancelled };

        (void) state;
        assert_int_equal(pthread_create(&thread, NULL, answer_rubbish, &fd), 0);
        assert_fails(ERROR_INVALID, "the answer is not HTTP", probe_ask(&probe, &status, err));
        pthread_join(thread, NULL);
        close(fd);
}

static void *cancel_soon(void *context) {
        clock_sleep_ms(100);
        atomic_store((atomic_bool *) context, true);
        return NULL;
}

static void a_cancel_ends_the_wait(void **state) {
        atomic_bool cancelled = false;
        pthread_t thread;
        uint32_t port = 0;
        int fd = listen_on(&port), status = 0;
        const Probe probe = { "127.0.0.1", port, "/", 60000, &cancelled };

        (void) state;
        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancelled), 0);
        assert_fails(ERROR_CANCELLED, "cancelled", probe_ask(&probe, &status, err));
        pthread_join(thread, NULL);
        close(fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_status_is_the_answer),
                cmocka_unit_test(a_long_answer_is_not_read),
                cmocka_unit_test(nobody_there_is_refused),
                cmocka_unit_test(a_listener_is_enough_for_tcp_but_silence_is_no_http),
                cmocka_unit_test(another_protocol_is_told_apart),
                cmocka_unit_test(a_cancel_ends_the_wait),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
