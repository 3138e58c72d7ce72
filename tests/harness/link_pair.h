/* A certificate authority and both ends of a link on loopback, for tests of the wire and of what stands on
 * it. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/certificate.h"
#include "wire/link.h"

typedef struct TestAuthority {
        char *certificate, *key;
        char *server_certificate, *server_key;
        char *client_certificate, *client_key;
} TestAuthority;

TestAuthority *test_authority_new(const char *server_name, const char *client_name);
void test_authority_free(TestAuthority *authority);
CLEANUP_DEFINE(TestAuthority, test_authority_free);

/* What a link has received and how it ended; a thread can wait for either. */
typedef struct Inbox {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        struct {
                uint8_t *bytes;
                size_t length;
        } frames[64];
        size_t count;
        char *closed;
        atomic_bool discard; /* frames are not kept */
} Inbox;

void inbox_init(Inbox *inbox);
void inbox_clear(Inbox *inbox);
LinkEvents inbox_events(Inbox *inbox);
/* True when the inbox has that many frames, or is closed, before the time is over. */
bool inbox_wait_frames(Inbox *inbox, size_t count, int timeout_ms);
bool inbox_wait_closed(Inbox *inbox, int timeout_ms);

extern const LinkLimits test_link_limits;
