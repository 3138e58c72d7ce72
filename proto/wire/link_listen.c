#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "wire/link_stream.h"

enum { PAUSE_AFTER_FAILURE_MS = 100 };

struct LinkListener {
        nng_stream_listener *listener;
        nng_tls_config *config;
        nng_aio *accept_aio; /* also the pause after a failed accept: pausing says which */
        LinkLimits limits;
        LinkListenerEvents events;
        int port;

        pthread_mutex_t lock; /* guards the rest */
        bool stopped;
        bool pausing;
};

/* With the lock held. */
static void accept_more(LinkListener *listener) {
        if (listener->stopped)
                return;
        nng_aio_set_timeout(listener->accept_aio, NNG_DURATION_INFINITE);
        nng_stream_listener_accept(listener->listener, listener->accept_aio);
}

static void on_accepted(void *argument) {
        LinkListener *listener = argument;
        int result = nng_aio_result(listener->accept_aio);

        pthread_mutex_lock(&listener->lock);
        bool was_pausing = listener->pausing;
        bool stopped = listener->stopped;
        listener->pausing = false;
        pthread_mutex_unlock(&listener->lock);

        if (!was_pausing && result == 0) {
                nng_stream *stream = nng_aio_get_output(listener->accept_aio, 0);

                if (stopped)
                        nng_stream_free(stream);
                else
                        listener->events.accepted(
                                listener->events.context, link_of_stream(stream, &listener->limits));
        }

        pthread_mutex_lock(&listener->lock);
        if (!was_pausing && result != 0 && result != NNG_ECLOSED && result != NNG_ECANCELED &&
            !listener->stopped) {
                /* Out of descriptors, most likely: not in a tight loop. */
                listener->pausing = true;
                nng_sleep_aio(PAUSE_AFTER_FAILURE_MS, listener->accept_aio);
        } else if (was_pausing || result == 0) {
                accept_more(listener);
        }
        pthread_mutex_unlock(&listener->lock);
}

static bool start(LinkListener *listener, const char *address, Error **err) {
        CLEANUP(free) char *url = xasprintf("tls+tcp://%s", address);
        int result = nng_stream_listener_alloc(&listener->listener, url);

        if (result == 0)
                result =
                        nng_stream_listener_set_ptr(listener->listener, NNG_OPT_TLS_CONFIG, listener->config);
        if (result == 0)
                result = nng_stream_listener_listen(listener->listener);
        if (result == 0)
                result = nng_stream_listener_get_int(
                        listener->listener, NNG_OPT_TCP_BOUND_PORT, &listener->port);
        return result == 0 ||
               error_set(err, ERROR_UNAVAILABLE, "listen on %s: %s", address, nng_strerror(result));
}

LinkListener *link_listen(
        const char *address, const LinkCredentials *credentials, const LinkLimits *limits,
        const LinkListenerEvents *events, Error **err) {
        LinkListener *listener = xcalloc(1, sizeof(*listener));

        listener->limits = *limits;
        listener->events = *events;
        pthread_mutex_init(&listener->lock, NULL);
        listener->config = link_tls_config(credentials, NNG_TLS_MODE_SERVER, err);
        if (!listener->config || !start(listener, address, err)) {
                link_listener_free(listener);
                return NULL;
        }
        if (nng_aio_alloc(&listener->accept_aio, on_accepted, listener) != 0)
                abort();
        pthread_mutex_lock(&listener->lock);
        accept_more(listener);
        pthread_mutex_unlock(&listener->lock);
        return listener;
}

int link_listener_port(const LinkListener *listener) {
        return listener->port;
}

void link_listener_stop(LinkListener *listener) {
        pthread_mutex_lock(&listener->lock);
        listener->stopped = true;
        pthread_mutex_unlock(&listener->lock);
        if (listener->listener)
                nng_stream_listener_close(listener->listener);
        /* What is pending ends with the close, or with its pause. To abort it as well would race with that:
         * nng would cancel a connection that it is freeing. */
        if (listener->accept_aio)
                nng_aio_wait(listener->accept_aio);
}

void link_listener_free(LinkListener *listener) {
        if (!listener)
                return;

        link_listener_stop(listener);
        if (listener->accept_aio)
                nng_aio_free(listener->accept_aio);
        if (listener->listener)
                nng_stream_listener_free(listener->listener);
        if (listener->config)
                nng_tls_config_free(listener->config);
        pthread_mutex_destroy(&listener->lock);
        free(listener);
}
