#include "wire/probe.h"

#include <nng/nng.h>
#include <nng/supplemental/http/http.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

enum { LOOK_INTERVAL_MS = 100 };

/* One thing after the other, each waited for in a way that a cancel ends. */
typedef struct Exchange {
        const Probe *probe;
        Deadline deadline;
        nng_aio *aio;
        pthread_mutex_t lock;
        pthread_cond_t changed;
        bool done;

        nng_url *url;
        nng_http_client *client;
        nng_http_req *request;
        nng_http_res *response;
        nng_http_conn *connection;
        nng_stream_dialer *dialer;
} Exchange;

static void on_done(void *context) {
        Exchange *exchange = context;

        pthread_mutex_lock(&exchange->lock);
        exchange->done = true;
        pthread_cond_signal(&exchange->changed);
        pthread_mutex_unlock(&exchange->lock);
}

static bool exchange_open(Exchange *exchange, Error **err) {
        pthread_mutex_init(&exchange->lock, NULL);
        pthread_cond_init(&exchange->changed, NULL);
        return nng_aio_alloc(&exchange->aio, on_done, exchange) == 0 ||
               error_set(err, ERROR_INTERNAL, "no memory");
}

static void exchange_close(Exchange *exchange) {
        if (exchange->connection)
                nng_http_conn_close(exchange->connection);
        if (exchange->aio)
                nng_aio_free(exchange->aio);
        if (exchange->dialer)
                nng_stream_dialer_free(exchange->dialer);
        if (exchange->response)
                nng_http_res_free(exchange->response);
        if (exchange->request)
                nng_http_req_free(exchange->request);
        if (exchange->client)
                nng_http_client_free(exchange->client);
        if (exchange->url)
                nng_url_free(exchange->url);
        pthread_cond_destroy(&exchange->changed);
        pthread_mutex_destroy(&exchange->lock);
}

static struct timespec soon(void) {
        struct timespec time;

        clock_gettime(CLOCK_REALTIME, &time);
        time.tv_nsec += LOOK_INTERVAL_MS * 1000000L;
        time.tv_sec += time.tv_nsec / 1000000000L;
        time.tv_nsec %= 1000000000L;
        return time;
}

static void begin(Exchange *exchange) {
        exchange->done = false;
        nng_aio_set_timeout(exchange->aio, deadline_left_ms(exchange->deadline));
}

/* What begin() was called for has been started. */
static bool finish(Exchange *exchange, Error **err) {
        bool cancelled = false;

        pthread_mutex_lock(&exchange->lock);
        while (!exchange->done && !cancelled) {
                const struct timespec until = soon();
                pthread_cond_timedwait(&exchange->changed, &exchange->lock, &until);
                cancelled = atomic_load(exchange->probe->cancelled);
        }
        pthread_mutex_unlock(&exchange->lock);
        if (cancelled)
                nng_aio_cancel(exchange->aio);
        nng_aio_wait(exchange->aio);

        int result = nng_aio_result(exchange->aio);
        if (cancelled)
                return error_set(err, ERROR_CANCELLED, "cancelled");
        if (result == NNG_ETIMEDOUT)
                return error_set(
                        err, ERROR_TIMEOUT, "no answer within %.3g s", exchange->probe->timeout_ms / 1000.0);
        if (result == NNG_EPROTO || result == NNG_EMSGSIZE)
                return error_set(err, ERROR_INVALID, "the answer is not HTTP");
        return result == 0 || error_set(err, ERROR_UNAVAILABLE, "%s", nng_strerror(result));
}

static bool connect_only(Exchange *exchange, Error **err) {
        CLEANUP(free) char *url = xasprintf("tcp://%s:%u", exchange->probe->host, exchange->probe->port);
        int result = nng_stream_dialer_alloc(&exchange->dialer, url);

        if (result != 0)
                return error_set(err, ERROR_INVALID, "%s: %s", url, nng_strerror(result));
        begin(exchange);
        nng_stream_dialer_dial(exchange->dialer, exchange->aio);
        if (!finish(exchange, err))
                return false;
        nng_stream *stream = nng_aio_get_output(exchange->aio, 0);
        nng_stream_close(stream);
        nng_stream_free(stream);
        return true;
}

static int prepare(Exchange *exchange, const char *url) {
        int result = nng_url_parse(&exchange->url, url);

        if (result == 0)
                result = nng_http_client_alloc(&exchange->client, exchange->url);
        if (result == 0)
                result = nng_http_req_alloc(&exchange->request, exchange->url);
        if (result == 0)
                result = nng_http_res_alloc(&exchange->response);
        if (result == 0)
                result = nng_http_req_set_uri(exchange->request, exchange->probe->path);
        if (result == 0)
                result = nng_http_req_set_header(exchange->request, "User-Agent", "ghost-agent");
        if (result == 0)
                result = nng_http_req_set_header(exchange->request, "Connection", "close");
        return result;
}

static bool ask(Exchange *exchange, int *ret_status, Error **err) {
        CLEANUP(free) char *url = xasprintf("http://%s:%u/", exchange->probe->host, exchange->probe->port);
        int result = prepare(exchange, url);

        if (result != 0)
                return error_set(err, ERROR_INVALID, "%s: %s", url, nng_strerror(result));
        begin(exchange);
        nng_http_client_connect(exchange->client, exchange->aio);
        if (!finish(exchange, err))
                return false;
        exchange->connection = nng_aio_get_output(exchange->aio, 0);
        begin(exchange);
        nng_http_conn_write_req(exchange->connection, exchange->request, exchange->aio);
        if (!finish(exchange, err))
                return false;
        begin(exchange);
        nng_http_conn_read_res(exchange->connection, exchange->response, exchange->aio);
        if (!finish(exchange, err))
                return false;
        *ret_status = nng_http_res_get_status(exchange->response);
        return true;
}

bool probe_ask(const Probe *probe, int *ret_status, Error **err) {
        Exchange exchange = { .probe = probe, .deadline = deadline_after_ms(probe->timeout_ms) };

        *ret_status = 0;
        bool ok = exchange_open(&exchange, err) &&
                  (probe->path ? ask(&exchange, ret_status, err) : connect_only(&exchange, err));
        exchange_close(&exchange);
        return ok;
}
