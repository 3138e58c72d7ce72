#include "harness/link_pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

const LinkLimits test_link_limits = {
        .queue_bytes = 4 << 20,
        .send_timeout_ms = 10000,
        .receive_timeout_ms = 10000,
        .frame_max = 1 << 20,
};

static void must(bool ok) {
        if (!ok)
                abort();
}

static void issue(
        const Authority *authority, const char *name, CertificateUse use, char **certificate, char **key) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *request = NULL;
        const CertificateSpec spec = {
                .common_name = name, .dns_name = name, .use = use, .valid_seconds = 3600
        };

        *key = private_key_new(&why);
        must(*key);
        request = certificate_request_new(*key, name, &why);
        must(request && authority_sign(authority, request, &spec, certificate, &why));
}

TestAuthority *test_authority_new(const char *server_name, const char *client_name) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(authority_free) Authority *authority = NULL;
        TestAuthority *made = xcalloc(1, sizeof(*made));

        must(authority_create("Test", 1, &made->certificate, &made->key, &why));
        authority = authority_open(made->certificate, made->key, &why);
        must(authority);
        issue(authority, server_name, CERTIFICATE_SERVER, &made->server_certificate, &made->server_key);
        issue(authority, client_name, CERTIFICATE_CLIENT, &made->client_certificate, &made->client_key);
        return made;
}

void test_authority_free(TestAuthority *authority) {
        if (!authority)
                return;

        free(authority->certificate);
        free(authority->key);
        free(authority->server_certificate);
        free(authority->server_key);
        free(authority->client_certificate);
        free(authority->client_key);
        free(authority);
}

void inbox_init(Inbox *inbox) {
        *inbox = (Inbox){ 0 };
        pthread_mutex_init(&inbox->lock, NULL);
        pthread_cond_init(&inbox->changed, NULL);
}

void inbox_clear(Inbox *inbox) {
        for (size_t i = 0; i < inbox->count; i++)
                free(inbox->frames[i].bytes);
        free(inbox->closed);
        pthread_cond_destroy(&inbox->changed);
        pthread_mutex_destroy(&inbox->lock);
}

static void on_received(void *context, Link *link, uint8_t *bytes, size_t length) {
        Inbox *inbox = context;

        (void) link;
        if (atomic_load(&inbox->discard)) {
                free(bytes);
                return;
        }
        pthread_mutex_lock(&inbox->lock);
        must(inbox->count < sizeof(inbox->frames) / sizeof(inbox->frames[0]));
        inbox->frames[inbox->count].bytes = bytes;
        inbox->frames[inbox->count++].length = length;
        pthread_cond_broadcast(&inbox->changed);
        pthread_mutex_unlock(&inbox->lock);
}

static void on_closed(void *context, Link *link, const char *reason) {
        Inbox *inbox = context;

        (void) link;
        pthread_mutex_lock(&inbox->lock);
        must(!inbox->closed);
        inbox->closed = xstrdup(reason);
        pthread_cond_broadcast(&inbox->changed);
        pthread_mutex_unlock(&inbox->lock);
}

LinkEvents inbox_events(Inbox *inbox) {
        return (LinkEvents){ .context = inbox, .received = on_received, .closed = on_closed };
}

static bool wait(Inbox *inbox, size_t frames, bool closed, int timeout_ms) {
        struct timespec end;

        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec += timeout_ms / 1000 + 1;
        pthread_mutex_lock(&inbox->lock);
        int code = 0;
        while (code == 0 && !inbox->closed && (closed || inbox->count < frames))
                code = pthread_cond_timedwait(&inbox->changed, &inbox->lock, &end);
        bool ok = closed ? inbox->closed != NULL : inbox->count >= frames;
        pthread_mutex_unlock(&inbox->lock);
        return ok;
}

bool inbox_wait_frames(Inbox *inbox, size_t count, int timeout_ms) {
        return wait(inbox, count, false, timeout_ms);
}

bool inbox_wait_closed(Inbox *inbox, int timeout_ms) {
        return wait(inbox, 0, true, timeout_ms);
}
