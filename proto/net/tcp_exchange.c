#include "net/tcp_exchange.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "net/curl_start.h"

static void curl_cleanupp(CURL **handle) {
        if (*handle)
                curl_easy_cleanup(*handle);
}

static bool connect_to(CURL *handle, const TcpExchange *exchange, Error **err) {
        CLEANUP(free) char *url = NULL;
        char detail[CURL_ERROR_SIZE] = "";

        if (strspn(exchange->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") !=
            strlen(exchange->host))
                return error_set(err, ERROR_INVALID, "'%.80s' is not a host name", exchange->host);
        url = xasprintf("http://%s:%d/", exchange->host, exchange->port); /* only connected to */
        curl_easy_setopt(handle, CURLOPT_URL, url);
        curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long) deadline_left_ms(exchange->deadline) + 1);

        CURLcode code = curl_easy_perform(handle);
        curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, (char *) NULL);
        if (code == CURLE_OK)
                return true;
        return error_set(
                err, code == CURLE_OPERATION_TIMEDOUT ? ERROR_TIMEOUT : ERROR_UNAVAILABLE, "%s",
                detail[0] ? detail : curl_easy_strerror(code));
}

/* Until the socket can be used so, or the time is over. */
static bool wait_for(CURL *handle, short events, Deadline deadline, Error **err) {
        curl_socket_t socket = CURL_SOCKET_BAD;

        if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK || socket < 0)
                return error_set(err, ERROR_UNAVAILABLE, "the connection is gone");
        struct pollfd one = { .fd = socket, .events = events };
        int ready = poll(&one, 1, deadline_left_ms(deadline));
        if (ready < 0 && errno != EINTR)
                return error_set(err, ERROR_INTERNAL, "poll: %s", strerror(errno));
        return !deadline_passed(deadline) || ready > 0 || error_set(err, ERROR_TIMEOUT, "no answer in time");
}

static bool send_all(CURL *handle, const TcpExchange *exchange, Error **err) {
        size_t length = strlen(exchange->question);

        for (size_t sent = 0; sent < length;) {
                size_t now = 0;
                CURLcode code = curl_easy_send(handle, exchange->question + sent, length - sent, &now);

                if (code == CURLE_AGAIN) {
                        if (!wait_for(handle, POLLOUT, exchange->deadline, err))
                                return false;
                        continue;
                }
                if (code != CURLE_OK)
                        return error_set(err, ERROR_UNAVAILABLE, "%s", curl_easy_strerror(code));
                sent += now;
        }
        return true;
}

static bool receive_all(CURL *handle, const TcpExchange *exchange, Text *ret, Error **err) {
        char buffer[16 * 1024];

        for (;;) {
                size_t now = 0;
                CURLcode code = curl_easy_recv(handle, buffer, sizeof(buffer), &now);

                if (code == CURLE_AGAIN) {
                        if (!wait_for(handle, POLLIN, exchange->deadline, err))
                                return false;
                        continue;
                }
                if (code != CURLE_OK)
                        return error_set(err, ERROR_UNAVAILABLE, "%s", curl_easy_strerror(code));
                if (now == 0)
                        return true;
                if (ret->length + now > exchange->max_answer_bytes)
                        return error_set(
                                err, ERROR_INVALID, "the answer is longer than %zu bytes",
                                exchange->max_answer_bytes);
                text_append_bytes(ret, buffer, now);
        }
}

bool tcp_exchange(const TcpExchange *exchange, char **ret, size_t *ret_length, Error **err) {
        CLEANUP(text_clear) Text answer = { 0 };

        curl_start();
        __attribute__((cleanup(curl_cleanupp))) CURL *handle = curl_easy_init();
        if (!handle)
                return error_set(err, ERROR_INTERNAL, "libcurl cannot be started");
        if (!connect_to(handle, exchange, err) || !send_all(handle, exchange, err) ||
            !receive_all(handle, exchange, &answer, err))
                return error_prefix(err, "%s:%d", exchange->host, exchange->port);
        *ret_length = answer.length;
        *ret = text_take(&answer);
        return true;
}
