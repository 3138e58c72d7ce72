#include "harness/ghost_test.h"

#include <pthread.h>
#include <string.h>

#include "base/certificate.h"
#include "base/memory.h"
#include "wire/link.h"
#include "wire_channel.h"

typedef struct Server {
        char *authority, *certificate, *key;
        LinkListener *listener;
        char address[32];
        pthread_mutex_t lock; /* guards the accepted link */
        pthread_cond_t changed;
        Link *accepted;
        bool closed;
} Server;

static void echo(void *context, Link *link, uint8_t *bytes, size_t length) {
        (void) context;
        if (length == 3 && memcmp(bytes, "bye", 3) == 0) {
                free(bytes);
                link_close(link, "as asked");
                return;
        }
        link_send(link, bytes, length);
}

static void on_closed(void *context, Link *link, const char *reason) {
        Server *server = context;

        (void) link;
        (void) reason;
        pthread_mutex_lock(&server->lock);
        server->closed = true;
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
}

static void on_accepted(void *context, Link *link) {
        Server *server = context;
        const LinkEvents events = { .context = server, .received = echo, .closed = on_closed };

        link_set_events(link, &events);
        pthread_mutex_lock(&server->lock);
        server->accepted = link;
        pthread_mutex_unlock(&server->lock);
        link_start(link);
}

static int setup(void **state) {
        Server *server = xcalloc(1, sizeof(*server));
        CLEANUP(free) char *authority_key = NULL, *request = NULL;
        CLEANUP(error_free) Error *problem = NULL;
        const CertificateSpec spec = { "ghost-controller", "ghost-controller", CERTIFICATE_SERVER, 3600 };
        const LinkLimits limits = { 64 << 20, 10000, 10000, LINK_FRAME_MAX };

        pthread_mutex_init(&server->lock, NULL);
        pthread_cond_init(&server->changed, NULL);
        assert_ok(authority_create("test", 1, &server->authority, &authority_key, err));
        CLEANUP(authority_free)
        Authority *authority = authority_open(server->authority, authority_key, &problem);
        server->key = private_key_new(&problem);
        request = certificate_request_new(server->key, "ghost-controller", &problem);
        assert_ok(authority_sign(authority, request, &spec, &server->certificate, err));
        const LinkCredentials credentials = { server->authority, server->certificate, server->key, NULL };
        const LinkListenerEvents events = { server, on_accepted };
        server->listener = link_listen("127.0.0.1:0", &credentials, &limits, &events, &problem);
        assert_non_null(server->listener);
        snprintf(
                server->address, sizeof(server->address), "127.0.0.1:%d",
                link_listener_port(server->listener));
        *state = server;
        return 0;
}

static int teardown(void **state) {
        Server *server = *state;

        link_listener_stop(server->listener);
        pthread_mutex_lock(&server->lock);
        while (server->accepted && !server->closed)
                pthread_cond_wait(&server->changed, &server->lock);
        pthread_mutex_unlock(&server->lock);
        if (server->accepted)
                link_free(server->accepted);
        link_listener_free(server->listener);
        free(server->authority);
        free(server->certificate);
        free(server->key);
        free(server);
        return 0;
}

static ChannelTarget target_of(const Server *server) {
        return (ChannelTarget){
                .address = server->address,
                .server_name = "ghost-controller",
                .ca = server->authority,
                .timeout_ms = 5000,
        };
}

static void frames_go_both_ways_over_tls(void **state) {
        CLEANUP(error_free) Error *problem = NULL;
        const ChannelTarget target = target_of(*state);
        Channel *channel = wire_channel_driver.open(&target, &problem);
        CLEANUP(free) uint8_t *nothing = NULL;
        size_t length = 0;

        assert_non_null(channel);
        for (size_t size = 1; size < 4 << 20; size = size * 5 + 1) {
                CLEANUP(free) uint8_t *sent = xcalloc(1, size), *got = NULL;
                memset(sent, (int) size, size);
                assert_ok(wire_channel_driver.send(channel, sent, size, err));
                assert_ok(wire_channel_driver.receive(channel, 10000, &got, &length, err));
                assert_int_equal(length, size);
                assert_memory_equal(got, sent, size);
        }
        assert_ok(wire_channel_driver.receive(channel, 10, &nothing, &length, err));
        assert_null(nothing);

        assert_ok(wire_channel_driver.send(channel, (const uint8_t *) "bye", 3, err));
        assert_false(wire_channel_driver.receive(channel, 10000, &nothing, &length, &problem));
        CLEANUP(error_free) Error *later = NULL;
        assert_false(wire_channel_driver.send(channel, (const uint8_t *) "x", 1, &later));
        wire_channel_driver.free(channel);
}

static void a_controller_of_another_authority_is_not_believed(void **state) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *other = NULL, *other_key = NULL;
        CLEANUP(free) uint8_t *got = NULL;
        ChannelTarget target = target_of(*state);
        size_t length = 0;

        assert_ok(authority_create("other", 1, &other, &other_key, err));
        target.ca = other;
        Channel *channel = wire_channel_driver.open(&target, &problem);
        if (channel) {
                wire_channel_driver.send(channel, (const uint8_t *) "secret", 6, &problem);
                CLEANUP(error_free) Error *lost = NULL;
                assert_false(wire_channel_driver.receive(channel, 10000, &got, &length, &lost));
                wire_channel_driver.free(channel);
        }
}

static void shutting_wakes_the_reader(void **state) {
        CLEANUP(error_free) Error *problem = NULL, *lost = NULL;
        const ChannelTarget target = target_of(*state);
        Channel *channel = wire_channel_driver.open(&target, &problem);
        CLEANUP(free) uint8_t *got = NULL;
        size_t length = 0;

        assert_non_null(channel);
        wire_channel_driver.shut(channel);
        assert_false(wire_channel_driver.receive(channel, 60000, &got, &length, &lost));
        assert_string_equal(error_message(lost), "this agent ends the session");
        wire_channel_driver.free(channel);
}

#define CHANNEL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                CHANNEL_TEST(frames_go_both_ways_over_tls),
                CHANNEL_TEST(a_controller_of_another_authority_is_not_believed),
                CHANNEL_TEST(shutting_wakes_the_reader),
        };

        return cmocka_run_group_tests_name("wire_channel", tests, NULL, NULL);
}
