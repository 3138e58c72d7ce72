/* The hub's door: strangers, silent and hostile ones, and more agents at once than are worked on. */
#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness/hub_bench.h"

static void strangers_of_one_address_are_limited(void **state) {
        HubBench *bench = *state;
        TestAgent *strangers[4];

        for (int i = 0; i < 4; i++) {
                strangers[i] = hub_bench_dial(bench);
                if (i < 3)
                        envelope_free(test_agent_expect(strangers[i], GHOST__ENVELOPE__BODY_CHALLENGE));
        }
        assert_true(inbox_wait_closed(&strangers[3]->inbox, HUB_BENCH_WAIT_MS));
        assert_int_equal(strangers[3]->inbox.count, 0);
        for (int i = 0; i < 4; i++)
                test_agent_free(strangers[i]);
}

static int connect_raw(HubBench *bench) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons((uint16_t) hub_port(bench->hub)),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

static int count_descriptors(void) {
        DIR *folder = opendir("/proc/self/fd");
        int count = 0;

        while (readdir(folder))
                count++;
        closedir(folder);
        return count;
}

static void hostile_connections_leave_nothing_behind(void **state) {
        HubBench *bench = *state;
        static const char client_hello[] = "\x16\x03\x01\x00\xf0\x01\x00\x00\xec\x03\x03";
        const struct linger now = { .l_onoff = 1, .l_linger = 0 };
        int before = count_descriptors();

        for (int i = 0; i < 150; i++) {
                int fd = connect_raw(bench);

                if (i % 3 == 0)
                        (void) send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL);
                if (i % 3 == 1)
                        (void) send(fd, client_hello, sizeof(client_hello) - 1, MSG_NOSIGNAL);
                if (i % 2)
                        (void) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
                close(fd);
        }
        for (int i = 0; i < 20; i++) {
                CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);
        }
        Deadline deadline = deadline_after_ms(HUB_BENCH_WAIT_MS);
        while (count_descriptors() > before + 2 && !deadline_passed(deadline))
                clock_sleep_ms(20);
        assert_true(count_descriptors() <= before + 2);
}

/* One that says nothing has its place for the hello's time at most. */
static void silent_strangers_keep_an_agent_out_no_longer_than_their_time(void **state) {
        enum { STRANGERS = 150 }; /* two rounds and more */
        HubBench *bench = *state;
        int sockets[STRANGERS];

        for (int i = 0; i < STRANGERS; i++)
                sockets[i] = connect_raw(bench);
        test_agent_free(hub_bench_connect_agent(bench));
        for (int i = 0; i < STRANGERS; i++)
                close(sockets[i]);
}

static void stopping_does_not_wait_for_those_at_the_door(void **state) {
        enum { STRANGERS = 100 };
        HubBench *bench = *state;
        int sockets[STRANGERS];
        char byte = 0;

        for (int i = 0; i < STRANGERS; i++)
                sockets[i] = connect_raw(bench);
        hub_stop(bench->hub);
        for (int i = 0; i < STRANGERS; i++) {
                assert_true(recv(sockets[i], &byte, 1, 0) <= 0);
                close(sockets[i]);
        }
}

/* Each has its turn although many more come at once than are worked on at once. */
static void a_crowd_of_agents_is_whole_in_the_end(void **state) {
        enum { CROWD = 150 };
        HubBench *bench = *state;
        TestAgent *crowd[CROWD];

        for (int i = 0; i < CROWD; i++)
                crowd[i] = hub_bench_dial(bench);
        for (int i = 0; i < CROWD; i++)
                test_agent_hello(
                        crowd[i], "agent-1", bench->authority->client_certificate,
                        bench->authority->client_key);
        assert_true(hub_bench_reaches(&bench->connected, CROWD));
        for (int i = 0; i < CROWD; i++)
                test_agent_free(crowd[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                HUB_TEST_IMPATIENT(strangers_of_one_address_are_limited),
                HUB_TEST(silent_strangers_keep_an_agent_out_no_longer_than_their_time),
                HUB_TEST(stopping_does_not_wait_for_those_at_the_door),
                HUB_TEST_PATIENT(a_crowd_of_agents_is_whole_in_the_end),
                HUB_TEST(hostile_connections_leave_nothing_behind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
