/* The runtime API is asked of a real HAProxy. */
#include "harness/ghost_test.h"

#include <string.h>

#include "haproxy/haproxy_api.h"
#include "harness/real_haproxy.h"
#include "harness/scripted_http.h"

static const char servers[] = " server a 127.0.9.1:80\n server b 127.0.9.2:8080 check\n"
                              " server c 127.0.9.3:80 disabled\n";

static HaproxyState state_now(const RealHaproxy *real, const char *address) {
        CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
        HaproxyPeer peer = real_haproxy_peer(real);

        assert_ok(haproxy_list(&peer, "web", &found, err));
        assert_int_equal(found.count, 3);
        const HaproxyServer *server = haproxy_servers_find(&found, address);
        assert_non_null(server);
        return server->state;
}

static void give_order(const RealHaproxy *real, const char *name, HaproxyOrder order) {
        HaproxyServer server = { .name = (char *) name };
        HaproxyPeer peer = real_haproxy_peer(real);

        assert_ok(haproxy_order(&peer, "web", &server, order, err));
}

static void servers_are_taken_out_and_put_back(void **state) {
        RealHaproxy real;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        real_haproxy_start(&real, "admin", servers);
        assert_int_equal(state_now(&real, "127.0.9.1"), HAPROXY_UP); /* it is not checked */
        assert_int_equal(state_now(&real, "127.0.9.3"), HAPROXY_MAINT);
        give_order(&real, "a", HAPROXY_TAKE_OUT);
        give_order(&real, "a", HAPROXY_TAKE_OUT);
        assert_int_equal(state_now(&real, "127.0.9.1"), HAPROXY_DRAIN);
        give_order(&real, "a", HAPROXY_PUT_BACK);
        give_order(&real, "c", HAPROXY_PUT_BACK);
        assert_int_equal(state_now(&real, "127.0.9.1"), HAPROXY_UP);
        assert_int_equal(state_now(&real, "127.0.9.3"), HAPROXY_UP);
        real_haproxy_stop(&real);
}

static void servers_are_shown_with_address_and_sessions(void **state) {
        CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
        RealHaproxy real;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        real_haproxy_start(&real, "admin", servers);
        HaproxyPeer peer = real_haproxy_peer(&real);
        assert_ok(haproxy_list(&peer, "web", &found, err));
        assert_int_equal(found.items[0].sessions, 0);
        assert_string_equal(found.items[1].name, "b");
        assert_string_equal(found.items[1].address, "127.0.9.2");
        assert_null(haproxy_servers_find(&found, "127.0.9.4"));
        real_haproxy_stop(&real);
}

static void what_is_not_there_is_said(void **state) {
        CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
        HaproxyServer unknown = { .name = "x" }, hostile = { .name = "a state ready; disable server web/a" };
        RealHaproxy real;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        real_haproxy_start(&real, "admin", servers);
        HaproxyPeer peer = real_haproxy_peer(&real);
        assert_fails(
                ERROR_NOT_FOUND, "HAProxy 127.0.0.1, backend nowhere: No such proxy.",
                haproxy_list(&peer, "nowhere", &found, err));
        assert_fails(
                ERROR_NOT_FOUND, "HAProxy 127.0.0.1, server web/x: No such server.",
                haproxy_order(&peer, "web", &unknown, HAPROXY_TAKE_OUT, err));
        assert_fails(
                ERROR_INVALID,
                "HAProxy 127.0.0.1, server web/a state ready; disable server web/a: a name with blanks or "
                "';' cannot be asked for",
                haproxy_order(&peer, "web", &hostile, HAPROXY_TAKE_OUT, err));
        assert_fails(
                ERROR_INVALID,
                "HAProxy 127.0.0.1, backend web; disable: 'web; disable' is not the name of a backend",
                haproxy_list(&peer, "web; disable", &found, err));
        real_haproxy_stop(&real);
}

static void a_socket_without_rights_is_told(void **state) {
        CLEANUP(error_free) Error *failed = NULL;
        HaproxyServer server = { .name = "a" };
        RealHaproxy real;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        real_haproxy_start(&real, "operator", servers);
        HaproxyPeer peer = real_haproxy_peer(&real);
        assert_false(haproxy_order(&peer, "web", &server, HAPROXY_TAKE_OUT, &failed));
        assert_int_equal(error_kind(failed), ERROR_FORBIDDEN);
        assert_non_null(strstr(error_message(failed), "must be of level admin"));
        real_haproxy_stop(&real);
}

/* ---- Cloud Deploy's API ---- */

static HaproxyPeer hapi_of(ScriptedHttp *server) {
        return (HaproxyPeer){ .host = "127.0.0.1",
                              .port = (int) strtol(strrchr(scripted_http_url(server), ':') + 1, NULL, 10),
                              .deadline = deadline_after_ms(10000) };
}

static void hapi_lists_and_orders(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "{\"backends\":[\"other\",\"web\"]}" },
                { 200, .body = "{\"web\":[{\"ip\":\"10.0.0.1\",\"name\":\"a\",\"status\":\"up\"},"
                               "{\"ip\":\"10.0.0.2\",\"name\":\"b\",\"status\":\"maint\"}]}" },
                { 200, .body = "{}" },
                { 500, .body = "no such thing" },
        };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
        HaproxyPeer peer = hapi_of(server);

        (void) state;
        assert_ok(haproxy_list(&peer, "web", &found, err));
        assert_int_equal(found.count, 2);
        assert_int_equal(found.items[0].state, HAPROXY_UP);
        assert_int_equal(found.items[1].state, HAPROXY_MAINT);
        assert_int_equal(found.items[1].sessions, -1);
        assert_ok(haproxy_order(&peer, "web", &found.items[0], HAPROXY_TAKE_OUT, err));
        assert_non_null(strstr(scripted_http_request(server, 1), "GET /haproxy?show=web "));
        assert_non_null(strstr(scripted_http_request(server, 2), "POST /haproxy "));
        assert_non_null(strstr(
                scripted_http_request(server, 2),
                "{\"backend\":\"web\",\"action\":\"disableserver\",\"data\":[{\"name\":\"10.0.0.1\"}]}"));
        assert_fails(
                ERROR_UNAVAILABLE, "HAProxy 127.0.0.1, server web/a: its API answered 500: no such thing",
                haproxy_order(&peer, "web", &found.items[0], HAPROXY_PUT_BACK, err));
}

static void hapi_without_the_backend(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "{\"backends\":[\"other\"]}" } };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
        HaproxyPeer peer = hapi_of(server);

        (void) state;
        assert_fails(
                ERROR_NOT_FOUND, "HAProxy 127.0.0.1, backend web: there is no such backend",
                haproxy_list(&peer, "web", &found, err));
}

static void states_are_read_by_their_first_word(void **state) {
        (void) state;
        assert_int_equal(haproxy_state_read("UP 1/3"), HAPROXY_UP);
        assert_int_equal(haproxy_state_read("no check"), HAPROXY_UP);
        assert_int_equal(haproxy_state_read("MAINT (via web/a)"), HAPROXY_MAINT);
        assert_int_equal(haproxy_state_read("DRAIN"), HAPROXY_DRAIN);
        assert_int_equal(haproxy_state_read("NOLB"), HAPROXY_DOWN);
        assert_int_equal(haproxy_state_read("whatever"), HAPROXY_DOWN);
}

static void damaged_answers_are_refused(void **state) {
        static const char *const texts[] = { "", "[", "[[]]", "[{}]", "{}", "[[{\"field\":1}]]" };

        (void) state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                CLEANUP(haproxy_servers_clear) HaproxyServers one = { 0 }, two = { 0 };
                CLEANUP(error_free) Error *runtime = NULL, *hapi = NULL;

                assert_false(haproxy_runtime_read(texts[i], strlen(texts[i]), &one, &runtime));
                assert_non_null(runtime);
                assert_false(haproxy_hapi_read(texts[i], strlen(texts[i]), &two, &hapi));
                assert_non_null(hapi);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(servers_are_taken_out_and_put_back),
                cmocka_unit_test(servers_are_shown_with_address_and_sessions),
                cmocka_unit_test(what_is_not_there_is_said),
                cmocka_unit_test(a_socket_without_rights_is_told),
                cmocka_unit_test(hapi_lists_and_orders),
                cmocka_unit_test(hapi_without_the_backend),
                cmocka_unit_test(states_are_read_by_their_first_word),
                cmocka_unit_test(damaged_answers_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
