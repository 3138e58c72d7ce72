/* What the agent tells the service manager that runs it. */
#include "harness/notify_socket.h"

#include "agent_lab.h"

enum { HEARTBEATS = 4 };

static void it_is_ready_then_alive_with_its_heartbeats_then_stopping(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };
        Lab *lab = *state;

        listen_at_path(&manager);
        char *environment[] = { manager.variable, (char *) "WATCHDOG_USEC=60000000", NULL };
        lab->environment = environment;
        start_agent(lab);
        fake_until(lab->controller, lab->controller->sessions == 1);
        assert_told(&manager, "READY=1\nSTATUS=learning who this instance is");
        CLEANUP(free)
        char *status = xasprintf(
                "STATUS=instance i-0123456789abcdef0 of the controller at %s", lab->controller->address);
        /* Enrolled and dialled again: one try each; the order of threads is theirs. */
        assert_told_soon(&manager, status);
        unsigned before = lab->controller->heartbeats;
        fake_until(lab->controller, lab->controller->heartbeats >= before + HEARTBEATS);
        unsigned alive = count_told(&manager, "WATCHDOG=1\n");
        assert_in_range(alive, HEARTBEATS - 2, HEARTBEATS + 2);
        assert_int_equal(WEXITSTATUS(end_agent(lab, SIGTERM)), 0);
        assert_told_soon(&manager, "STOPPING=1\n");
}

static void what_keeps_it_from_starting_is_told(void **state) {
        CLEANUP(manager_clear) Manager manager = { 0 };
        Lab *lab = *state;

        listen_at_path(&manager);
        char *environment[] = { manager.variable, NULL };
        lab->environment = environment;
        CLEANUP(free) char *blocked = xasprintf("%s/identity", lab->state);
        assert_ok(file_make_folders(blocked, 0700, err));
        start_agent(lab);
        int status = 0;
        assert_int_equal(waitpid(lab->agent, &status, 0), lab->agent);
        lab->agent = 0;
        assert_int_equal(WEXITSTATUS(status), 1);
        assert_told(&manager, "READY=1\nSTATUS=learning who this instance is");
        CLEANUP(free) char *told = xasprintf("STATUS=read %s: Is a directory", blocked);
        assert_told_soon(&manager, told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_set_up, lab_tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(it_is_ready_then_alive_with_its_heartbeats_then_stopping),
                TEST(what_keeps_it_from_starting_is_told),
        };

        return cmocka_run_group_tests_name("agent_service", tests, NULL, NULL);
}
