#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/link_pair.h"

enum { LINKS_MAX = 64 };

/* A listener whose links echo everything. */
typedef struct Echo {
        TestAuthority *authority;
        LinkListener *listener;
        pthread_mutex_t lock;
        Link *links[LINKS_MAX];
        size_t count;
        char *last_closed;
} Echo;

static void echo_received(void *context, Link *link, uint8_t *bytes, size_t length) {
        (void) context;
        (void) link_send(link, bytes, length);
}

static void echo_closed(void *context, Link *link, const char *reason) {
        Echo *echo = context;

        (void) link;
        pthread_mutex_lock(&echo->lock);
        free(echo->last_closed);
        echo->last_closed = xstrdup(reason);
        pthread_mutex_unlock(&echo->lock);
}

/* The reason why its end of a link was closed, which it may hear after the other end. Caller frees. */
static char *wait_for_reason(Echo *echo) {
        Deadline deadline = deadline_after_ms(5000);
        char *reason = NULL;

        while (!reason && !deadline_passed(deadline)) {
                pthread_mutex_lock(&echo->lock);
                reason = echo->last_closed ? xstrdup(echo->last_closed) : NULL;
                pthread_mutex_unlock(&echo->lock);
                if (!reason)
                        clock_sleep_ms(5);
        }
        assert_non_null(reason);
        return reason;
}

static void echo_accepted(void *context, Link *link) {
        Echo *echo = context;
        const LinkEvents events = { .context = echo, .received = echo_received, .closed = echo_closed };

        pthread_mutex_lock(&echo->lock);
        assert_true(echo->count < LINKS_MAX);
        echo->links[echo->count++] = link;
        pthread_mutex_unlock(&echo->lock);
        link_set_events(link, &events);
        link_start(link);
}

static int start_echo(void **state) {
        Echo *echo = xcalloc(1, sizeof(*echo));
        const LinkListenerEvents events = { .context = echo, .accepted = echo_accepted };

        pthread_mutex_init(&echo->lock, NULL);
        echo->authority = test_authority_new("ghost-controller", "agent-1");
        const LinkCredentials credentials = {
                .authority = echo->authority->certificate,
                .certificate = echo->authority->server_certificate,
                .key = echo->authority->server_key,
        };
        assert_ok(
                (echo->listener = link_listen("127.0.0.1:0", &credentials, &test_link_limits, &events, err)));
        *state = echo;
        return 0;
}

static int stop_echo(void **state) {
        Echo *echo = *state;

        link_listener_free(echo->listener);
        for (size_t i = 0; i < echo->count; i++)
                link_free(echo->links[i]);
        test_authority_free(echo->authority);
        free(echo->last_closed);
        pthread_mutex_destroy(&echo->lock);
        free(echo);
        return 0;
}

static LinkCredentials client_credentials(const TestAuthority *authority) {
        return (LinkCredentials){
                .authority = authority->certificate,
                .certificate = authority->client_certificate,
                .key = authority->client_key,
                .peer_name = "ghost-controller",
        };
}

static Link *dial(Echo *echo, const LinkCredentials *credentials, Inbox *inbox) {
        CLEANUP(free) char *address = xasprintf("127.0.0.1:%d", link_listener_port(echo->listener));
        LinkEvents events = inbox_events(inbox);
        Link *link = NULL;

        assert_ok((link = link_dial(address, credentials, &test_link_limits, &events, 5000, err)));
        link_start(link);
        return link;
}

/* Sends bytes of this length and expects them back. */
static void assert_echo(Echo *echo, const LinkCredentials *credentials, size_t length) {
        Inbox inbox;

        inbox_init(&inbox);
        Link *link = dial(echo, credentials, &inbox);
        uint8_t *bytes = xcalloc(length, 1);
        memset(bytes, 0x5a, length);
        assert_true(link_send(link, bytes, length));
        assert_true(inbox_wait_frames(&inbox, 1, 5000));
        assert_int_equal(inbox.frames[0].length, length);
        assert_int_equal(inbox.frames[0].bytes[length - 1], 0x5a);
        link_free(link);
        inbox_clear(&inbox);
}

static void frames_go_there_and_back(void **state) {
        Echo *echo = *state;
        LinkCredentials credentials = client_credentials(echo->authority);

        assert_echo(echo, &credentials, 1);
        assert_echo(echo, &credentials, 1 << 20);
}

static void an_agent_without_a_certificate_gets_in_to_enrol(void **state) {
        Echo *echo = *state;
        LinkCredentials credentials = client_credentials(echo->authority);

        credentials.certificate = credentials.key = NULL;
        assert_echo(echo, &credentials, 10);
}

static void assert_refused(Echo *echo, const LinkCredentials *credentials) {
        Inbox inbox;

        inbox_init(&inbox);
        Link *link = dial(echo, credentials, &inbox);
        (void) link_send(link, xcalloc(1, 1), 1);
        assert_true(inbox_wait_closed(&inbox, 5000));
        assert_int_equal(inbox.count, 0);
        link_free(link);
        inbox_clear(&inbox);
}

static void a_server_of_another_authority_is_not_believed(void **state) {
        Echo *echo = *state;
        CLEANUP(test_authority_free) TestAuthority *other = test_authority_new("ghost-controller", "agent-1");
        LinkCredentials credentials = client_credentials(echo->authority);

        credentials.authority = other->certificate;
        assert_refused(echo, &credentials);
}

static void a_server_of_another_name_is_not_believed(void **state) {
        Echo *echo = *state;
        LinkCredentials credentials = client_credentials(echo->authority);

        credentials.peer_name = "someone-else";
        assert_refused(echo, &credentials);
}

static void a_client_certificate_of_another_authority_is_refused(void **state) {
        Echo *echo = *state;
        CLEANUP(test_authority_free) TestAuthority *other = test_authority_new("ghost-controller", "agent-1");
        LinkCredentials credentials = client_credentials(echo->authority);

        credentials.certificate = other->client_certificate;
        credentials.key = other->client_key;
        assert_refused(echo, &credentials);
}

static void a_controller_that_is_not_there_is_named(void **state) {
        Echo *echo = *state;
        LinkCredentials credentials = client_credentials(echo->authority);
        CLEANUP(free) char *address = xasprintf("127.0.0.1:%d", link_listener_port(echo->listener));
        CLEANUP(free) char *message = xasprintf("%s: Connection refused", address);
        const LinkEvents events = { 0 };

        link_listener_free(TAKE(echo->listener));
        assert_fails(
                ERROR_UNAVAILABLE, message,
                link_dial(address, &credentials, &test_link_limits, &events, 5000, err));
}

static void a_frame_beyond_the_limit_closes_the_link(void **state) {
        Echo *echo = *state;
        LinkCredentials credentials = client_credentials(echo->authority);
        Inbox inbox;

        inbox_init(&inbox);
        Link *link = dial(echo, &credentials, &inbox);
        assert_true(link_send(link, xcalloc((1 << 20) + 1, 1), (1 << 20) + 1));
        assert_true(inbox_wait_closed(&inbox, 5000));
        link_free(link);
        inbox_clear(&inbox);
        CLEANUP(free) char *reason = wait_for_reason(echo);
        assert_string_equal(reason, "sent a frame of a forbidden size");
}

static int connect_raw(Echo *echo) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons((uint16_t) link_listener_port(echo->listener)),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

static void reset(int fd) {
        const struct linger now = { .l_onoff = 1, .l_linger = 0 };

        (void) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        close(fd);
}

static void strangers_do_not_keep_agents_out(void **state) {
        Echo *echo = *state;
        LinkCredentials credentials = client_credentials(echo->authority);
        static const char client_hello[] = "\x16\x03\x01\x00\xf0\x01\x00\x00\xec\x03\x03";
        int silent = connect_raw(echo);

        for (int i = 0; i < 5; i++) {
                int closed = connect_raw(echo), garbage = connect_raw(echo), half = connect_raw(echo);

                close(closed);
                assert_true(send(garbage, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) == 18);
                close(garbage);
                assert_true(send(half, client_hello, sizeof(client_hello) - 1, MSG_NOSIGNAL) > 0);
                if (i % 2)
                        shutdown(half, SHUT_WR);
                reset(half);
                assert_echo(echo, &credentials, 100);
        }
        close(silent);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start_echo, stop_echo)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(frames_go_there_and_back),
                TEST(an_agent_without_a_certificate_gets_in_to_enrol),
                TEST(a_server_of_another_authority_is_not_believed),
                TEST(a_server_of_another_name_is_not_believed),
                TEST(a_client_certificate_of_another_authority_is_refused),
                TEST(a_controller_that_is_not_there_is_named),
                TEST(a_frame_beyond_the_limit_closes_the_link),
                TEST(strangers_do_not_keep_agents_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
