#include "wire/http_call.h"

#include <nng/nng.h>
#include <nng/supplemental/http/http.h>

#include "base/memory.h"

typedef struct Exchange {
        nng_url *url;
        nng_http_client *client;
        nng_http_req *request;
        nng_http_res *response;
        nng_aio *aio;
} Exchange;

static void exchange_clear(Exchange *exchange) {
        if (exchange->aio)
                nng_aio_free(exchange->aio);
        if (exchange->response)
                nng_http_res_free(exchange->response);
        if (exchange->request)
                nng_http_req_free(exchange->request);
        if (exchange->client)
                nng_http_client_free(exchange->client);
        if (exchange->url)
                nng_url_free(exchange->url);
}

static int prepare(Exchange *exchange, const HttpCall *call) {
        int result = nng_url_parse(&exchange->url, call->url);

        if (result == 0)
                result = nng_http_client_alloc(&exchange->client, exchange->url);
        if (result == 0)
                result = nng_http_req_alloc(&exchange->request, exchange->url);
        if (result == 0)
                result = nng_http_res_alloc(&exchange->response);
        if (result == 0)
                result = nng_http_req_set_method(exchange->request, call->method);
        if (result == 0)
                result = nng_http_req_set_header(exchange->request, call->header_name, call->header_value);
        if (result == 0)
                result = nng_aio_alloc(&exchange->aio, NULL, NULL);
        return result;
}

static bool run(Exchange *exchange, const HttpCall *call, Error **err) {
        int result = prepare(exchange, call);

        if (result != 0)
                return error_set(err, ERROR_INVALID, "%s: %s", call->url, nng_strerror(result));
        nng_aio_set_timeout(exchange->aio, call->timeout_ms);
        nng_http_client_transact(exchange->client, exchange->request, exchange->response, exchange->aio);
        nng_aio_wait(exchange->aio);
        result = nng_aio_result(exchange->aio);
        return result == 0 || error_set(err, ERROR_UNAVAILABLE, "%s: %s", call->url, nng_strerror(result));
}

static bool take_answer(
        const Exchange *exchange, const HttpCall *call, int *ret_status, char **ret_body, size_t *ret_length,
        Error **err) {
        void *data = NULL;
        size_t length = 0;

        nng_http_res_get_data(exchange->response, &data, &length);
        if (length > call->max_body_bytes)
                return error_set(
                        err, ERROR_INVALID, "%s: the answer is longer than %zu bytes", call->url,
                        call->max_body_bytes);
        *ret_status = nng_http_res_get_status(exchange->response);
        *ret_body = xmemdup(data, length);
        *ret_length = length;
        return true;
}

bool http_call(const HttpCall *call, int *ret_status, char **ret_body, size_t *ret_length, Error **err) {
        Exchange exchange = { 0 };
        bool ok = run(&exchange, call, err) &&
                  take_answer(&exchange, call, ret_status, ret_body, ret_length, err);

        exchange_clear(&exchange);
        return ok;
}
