#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "harness/tcp_answer.h"
#include "net/tcp_exchange.h"

static TcpExchange question_to(const TcpAnswer *server) {
        return (TcpExchange){ .host = "127.0.0.1",
                              .port = server->port,
                              .question = "how are you\n",
                              .max_answer_bytes = 1 << 20,
                              .deadline = deadline_after_ms(10000) };
}

static void an_answer_goes_to_the_end_of_the_connection(void **state) {
        CLEANUP(free) char *answer = NULL;
        size_t length = 0;
        TcpAnswer server;

        (void) state;
        tcp_answer_start(&server, "fine\n", 20000);
        TcpExchange exchange = question_to(&server);
        assert_ok(tcp_exchange(&exchange, &answer, &length, err));
        tcp_answer_stop(&server);
        assert_string_equal(server.asked, "how are you\n");
        assert_int_equal(length, 100000);
        assert_int_equal(strlen(answer), 100000);
}

static void a_long_answer_is_refused(void **state) {
        char *answer = NULL;
        size_t length = 0;
        TcpAnswer server;

        (void) state;
        tcp_answer_start(&server, "x", 2000);
        TcpExchange exchange = question_to(&server);
        exchange.max_answer_bytes = 1999;
        CLEANUP(free)
        char *message = xasprintf("127.0.0.1:%d: the answer is longer than 1999 bytes", server.port);
        assert_fails(ERROR_INVALID, message, tcp_exchange(&exchange, &answer, &length, err));
        tcp_answer_stop(&server);
}

static void silence_is_given_up(void **state) {
        char *answer = NULL;
        size_t length = 0;
        TcpAnswer server;

        (void) state;
        tcp_answer_start(&server, "", 0);
        TcpExchange exchange = question_to(&server);
        exchange.deadline = deadline_after_ms(100);
        CLEANUP(free) char *message = xasprintf("127.0.0.1:%d: no answer in time", server.port);
        assert_fails(ERROR_TIMEOUT, message, tcp_exchange(&exchange, &answer, &length, err));
        tcp_answer_stop(&server);
}

static void nobody_listens(void **state) {
        CLEANUP(error_free) Error *failed = NULL;
        char *answer = NULL;
        size_t length = 0;
        TcpAnswer server;

        (void) state;
        tcp_answer_start(&server, "", 1);
        tcp_answer_stop(&server);
        TcpExchange exchange = question_to(&server);
        assert_false(tcp_exchange(&exchange, &answer, &length, &failed));
        assert_int_equal(error_kind(failed), ERROR_UNAVAILABLE);
        assert_non_null(strstr(error_message(failed), "127.0.0.1:"));

        exchange.host = "127.0.0.1/x";
        CLEANUP(free)
        char *message = xasprintf("127.0.0.1/x:%d: '127.0.0.1/x' is not a host name", server.port);
        assert_fails(ERROR_INVALID, message, tcp_exchange(&exchange, &answer, &length, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_answer_goes_to_the_end_of_the_connection),
                cmocka_unit_test(a_long_answer_is_refused),
                cmocka_unit_test(silence_is_given_up),
                cmocka_unit_test(nobody_listens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
