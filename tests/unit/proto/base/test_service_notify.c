#include "harness/notify_socket.h"

#include "base/service_notify.h"

static void every_state_is_told(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };

        (void) state;
        listen_at_path(&manager);
        const char *const environment[] = { "PATH=/bin", manager.variable, NULL };
        CLEANUP(service_notify_free) ServiceNotify *notify = service_notify_new(environment);
        service_notify_ready(notify, "serving");
        assert_told(&manager, "READY=1\nSTATUS=serving");
        service_notify_status(notify, "busy");
        assert_told(&manager, "STATUS=busy");
        service_notify_alive(notify);
        assert_told(&manager, "WATCHDOG=1\n");
        service_notify_stopping(notify, NULL);
        assert_told(&manager, "STOPPING=1\n");
        assert_silent(&manager);
}

static void a_socket_may_have_a_name_without_a_file(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };

        (void) state;
        listen_at_name(&manager);
        const char *const environment[] = { manager.variable, NULL };
        CLEANUP(service_notify_free) ServiceNotify *notify = service_notify_new(environment);
        service_notify_ready(notify, NULL);
        assert_told(&manager, "READY=1\n");
}

static void a_status_is_one_line(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };

        (void) state;
        listen_at_path(&manager);
        const char *const environment[] = { manager.variable, NULL };
        CLEANUP(service_notify_free) ServiceNotify *notify = service_notify_new(environment);
        service_notify_status(notify, "one\nMAINPID=1\ttwo");
        assert_told(&manager, "STATUS=one MAINPID=1 two");
}

static void without_a_manager_nothing_is_done(void **state) {
        const char *const alone[] = { "PATH=/bin", "NOTIFY_SOCKETS=/x", "WATCHDOG_USEC=60000000", NULL };
        const char *const gone[] = { "NOTIFY_SOCKET=/nonexistent/notify", NULL };
        const char *const unknown[] = { "NOTIFY_SOCKET=vsock:2:1234", NULL };
        const char *const *const environments[] = { alone, gone, unknown, NULL };

        (void) state;
        for (size_t i = 0; i < 4; i++) {
                CLEANUP(service_notify_free) ServiceNotify *notify = service_notify_new(environments[i]);
                assert_non_null(notify);
                service_notify_ready(notify, "serving");
                service_notify_alive(notify);
                assert_int_equal(service_notify_patience_ms(notify), 0);
        }
}

static void a_manager_that_went_away_is_no_trouble(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };

        (void) state;
        listen_at_name(&manager);
        const char *const environment[] = { manager.variable, NULL };
        CLEANUP(service_notify_free) ServiceNotify *notify = service_notify_new(environment);
        close(manager.fd);
        manager.fd = -1;
        service_notify_alive(notify);
}

static int64_t patience_of(const Manager *manager, const char *usec, const char *pid) {
        const char *const environment[] = { manager->variable, usec, pid, NULL };
        CLEANUP(service_notify_free) ServiceNotify *notify = service_notify_new(environment);

        return service_notify_patience_ms(notify);
}

static void the_watchdog_is_served_when_it_watches_us(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };

        (void) state;
        listen_at_path(&manager);
        CLEANUP(free) char *ours = xasprintf("WATCHDOG_PID=%d", (int) getpid());
        CLEANUP(free) char *parents = xasprintf("WATCHDOG_PID=%d", (int) getppid());
        assert_int_equal(patience_of(&manager, "WATCHDOG_USEC=60000000", ours), 60000);
        assert_int_equal(patience_of(&manager, "WATCHDOG_USEC=60000000", NULL), 60000);
        assert_int_equal(patience_of(&manager, "WATCHDOG_USEC=60000000", parents), 0);
        assert_int_equal(patience_of(&manager, "WATCHDOG_USEC=soon", ours), 0);
        assert_int_equal(patience_of(&manager, "WATCHDOG_USEC=0", ours), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_state_is_told),
                cmocka_unit_test(a_socket_may_have_a_name_without_a_file),
                cmocka_unit_test(a_status_is_one_line),
                cmocka_unit_test(without_a_manager_nothing_is_done),
                cmocka_unit_test(a_manager_that_went_away_is_no_trouble),
                cmocka_unit_test(the_watchdog_is_served_when_it_watches_us),
        };

        return cmocka_run_group_tests_name("service_notify", tests, NULL, NULL);
}
