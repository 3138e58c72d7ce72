#include "net/http_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "net/curl_start.h"

enum {
        CONNECT_TIMEOUT_MS = 3100,
        TIMEOUT_MS = 60000,
        MAX_BODY_BYTES = 16 << 20,
        MAX_HEADERS = 200,
        MAX_HEADER_BYTES = 64 << 10,
        LARGE_FILE_BYTES = 1 << 20,
};

struct HttpClient {
        CURL *curl;
        char *user_agent;
        char *ca_file;
        bool insecure;
        bool no_proxy;
};

/* One call: what curl's callbacks fill. */
typedef struct Exchange {
        const HttpRequest *request;
        HttpClient *client;
        HttpResponse response;
        Text body;
        FILE *upload;
        uint64_t uploaded;
        size_t max_body_bytes;
        size_t header_bytes;
        bool too_long;
        bool cancelled;
} Exchange;

HttpClient *http_client_new(const HttpClientOptions *options) {
        static const HttpClientOptions defaults = { 0 };
        HttpClient *client = xcalloc(1, sizeof(*client));

        if (!options)
                options = &defaults;
        curl_start();
        client->curl = curl_easy_init();
        if (!client->curl)
                abort(); /* out of memory */
        client->user_agent = xstrdup(options->user_agent ? options->user_agent : "ghost/" GHOST_VERSION);
        client->ca_file = options->ca_file ? xstrdup(options->ca_file) : NULL;
        client->insecure = options->insecure;
        client->no_proxy = options->no_proxy;
        return client;
}

void http_client_free(HttpClient *client) {
        if (!client)
                return;
        curl_easy_cleanup(client->curl);
        free(client->user_agent);
        free(client->ca_file);
        free(client);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *userdata) {
        Exchange *exchange = userdata;
        HttpResponse *response = &exchange->response;
        size_t length = size * count;
        CLEANUP(free) char *line = xstrndup(bytes, length);

        exchange->header_bytes += length;
        if (exchange->header_bytes > MAX_HEADER_BYTES || response->headers.count >= MAX_HEADERS) {
                exchange->too_long = true;
                return 0;
        }
        line[strcspn(line, "\r\n")] = '\0';
        if (text_starts_with(line, "HTTP/")) /* of an interim 1xx answer too: only the last one counts */
                string_list_clear(&response->headers);
        else if (strchr(line, ':'))
                string_list_add(&response->headers, line);
        return length;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *userdata) {
        Exchange *exchange = userdata;
        const HttpRequest *request = exchange->request;
        size_t length = size * count;
        long status = 0;

        curl_easy_getinfo(exchange->client->curl, CURLINFO_RESPONSE_CODE, &status);
        bool wanted = request->on_body_status ? status == request->on_body_status : status / 100 == 2;
        if (request->on_body && wanted) {
                exchange->response.stopped = !request->on_body(request->context, bytes, length);
                return exchange->response.stopped ? 0 : length;
        }
        if (length > exchange->max_body_bytes - exchange->body.length) {
                exchange->too_long = true;
                return 0;
        }
        text_append_bytes(&exchange->body, bytes, length);
        return length;
}

static size_t give_body(char *bytes, size_t size, size_t count, void *userdata) {
        Exchange *exchange = userdata;
        uint64_t left = exchange->request->body_length - exchange->uploaded;
        size_t wanted = size * count < left ? size * count : (size_t) left;
        size_t got = fread(bytes, 1, wanted, exchange->upload);

        /* A file that has become shorter: the server would wait for the rest. */
        if (got < wanted)
                return CURL_READFUNC_ABORT;
        exchange->uploaded += got;
        return got;
}

/* A kept connection that turns out to be closed: the body is sent again on another. */
static int rewind_body(void *userdata, curl_off_t offset, int origin) {
        Exchange *exchange = userdata;

        if (origin != SEEK_SET || fseeko(exchange->upload, (off_t) offset, origin) != 0)
                return CURL_SEEKFUNC_FAIL;
        exchange->uploaded = (uint64_t) offset;
        return CURL_SEEKFUNC_OK;
}

static int on_progress(
        void *userdata, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up) {
        Exchange *exchange = userdata;

        (void) down_total, (void) down, (void) up_total, (void) up;
        exchange->cancelled = exchange->request->cancelled(exchange->request->context);
        return exchange->cancelled ? 1 : 0;
}

static void configure_client(const HttpClient *client) {
        CURL *curl = client->curl;

        curl_easy_reset(curl); /* options only: open connections stay */
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        curl_easy_setopt(curl, CURLOPT_USERAGENT, client->user_agent);
        curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
        if (client->ca_file)
                curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
        if (client->insecure) {
                curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
                curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
        }
        if (client->no_proxy)
                curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

static void configure_timeouts(CURL *curl, const HttpRequest *request) {
        int64_t connect_ms =
                request->connect_timeout_ms > 0 ? request->connect_timeout_ms : CONNECT_TIMEOUT_MS;
        int64_t timeout_ms = request->timeout_ms ? request->timeout_ms : TIMEOUT_MS;

        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long) connect_ms);
        if (timeout_ms > 0)
                curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) timeout_ms);
        if (request->idle_timeout_ms > 0) {
                curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
                curl_easy_setopt(
                        curl, CURLOPT_LOW_SPEED_TIME, (long) ((request->idle_timeout_ms + 999) / 1000));
        }
}

static void configure_request(CURL *curl, const HttpRequest *request, struct curl_slist *headers) {
        bool head = text_equal(request->method, "HEAD");

        curl_easy_setopt(curl, CURLOPT_URL, request->url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (request->body_file) {
                curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
                curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t) request->body_length);
        } else if (request->body) {
                curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
                curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body_length);
        } else if (head)
                curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
        if (!head)
                curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
        configure_timeouts(curl, request);
}

static void configure_callbacks(CURL *curl, Exchange *exchange) {
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
        if (exchange->upload) {
                curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
                curl_easy_setopt(curl, CURLOPT_READDATA, exchange);
                curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
                curl_easy_setopt(curl, CURLOPT_SEEKDATA, exchange);
        }
        if (exchange->request->cancelled) {
                curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
                curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
                curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
        }
}

/* A server that shows the wrong certificate will show it again. */
static bool is_distrust(CURLcode code) {
        return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
               code == CURLE_SSL_CACERT_BADFILE;
}

/* The query may carry secrets: never in a message. */
static bool describe_failure(const Exchange *exchange, CURLcode code, const char *detail, Error **err) {
        const HttpRequest *request = exchange->request;
        CLEANUP(free) char *url = xstrndup(request->url, strcspn(request->url, "?"));
        const char *text = *detail ? detail : curl_easy_strerror(code);

        if (exchange->cancelled)
                return error_set(err, ERROR_CANCELLED, "%s %s: cancelled", request->method, url);
        if (exchange->too_long)
                return error_set(
                        err, ERROR_INVALID, "%s %s: the answer is longer than %zu bytes", request->method,
                        url, exchange->max_body_bytes);
        if (code == CURLE_ABORTED_BY_CALLBACK && exchange->upload)
                return error_set(
                        err, ERROR_INTERNAL, "%s %s: %s cannot be read, or is shorter than it was",
                        request->method, url, request->body_file);
        if (is_distrust(code))
                return error_set(err, ERROR_FORBIDDEN, "%s %s: %s", request->method, url, text);
        if (code == CURLE_OPERATION_TIMEDOUT)
                return error_set(err, ERROR_TIMEOUT, "%s %s: %s", request->method, url, text);
        if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
                return error_set(err, ERROR_INVALID, "%s %s: %s", request->method, url, text);
        return error_set(err, ERROR_UNAVAILABLE, "%s %s: %s", request->method, url, text);
}

/* curl reads "Name:" as "remove that header", "Name;" as "send it empty". Before a large file it asks whether
 * it is wanted ("Expect: 100-continue"): a refusal then comes before the file, not into the middle of it. */
static struct curl_slist *header_list(const HttpRequest *request) {
        bool is_large = request->body_file && request->body_length >= LARGE_FILE_BYTES;
        struct curl_slist *list = is_large ? NULL : curl_slist_append(NULL, "Expect:");
        bool typed = false;

        for (const char *const *header = request->headers; header && *header; header++) {
                size_t name = strcspn(*header, ":");
                CLEANUP(free) char *empty = NULL;

                typed = typed || strncasecmp(*header, "content-type:", 13) == 0;
                if ((*header)[name] && !(*header)[name + 1 + strspn(*header + name + 1, " ")])
                        empty = xasprintf("%.*s;", (int) name, *header);
                list = curl_slist_append(list, empty ? empty : *header);
        }
        return typed ? list : curl_slist_append(list, "Content-Type:");
}

static bool exchange_run(Exchange *exchange, HttpResponse *ret, Error **err) {
        char detail[CURL_ERROR_SIZE] = "";
        HttpClient *client = exchange->client;
        struct curl_slist *headers = header_list(exchange->request);
        long status = 0;

        configure_client(client);
        configure_request(client->curl, exchange->request, headers);
        configure_callbacks(client->curl, exchange);
        curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, detail);
        CURLcode code = curl_easy_perform(client->curl);
        curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, (char *) NULL);
        curl_slist_free_all(headers);

        exchange->response.status = (int) status;
        exchange->response.body_length = exchange->body.length;
        exchange->response.body = text_take(&exchange->body);
        if (code != CURLE_OK && !exchange->response.stopped) {
                http_response_clear(&exchange->response);
                return describe_failure(exchange, code, detail, err);
        }
        *ret = exchange->response;
        return true;
}

bool http_client_send(HttpClient *client, const HttpRequest *request, HttpResponse *ret, Error **err) {
        Exchange exchange = {
                .request = request,
                .client = client,
                .max_body_bytes = request->max_body_bytes ? request->max_body_bytes : MAX_BODY_BYTES,
        };

        if (request->body_file) {
                exchange.upload = fopen(request->body_file, "re");
                if (!exchange.upload)
                        return error_set(err, ERROR_INTERNAL, "cannot read %s: %m", request->body_file);
        }
        bool ok = exchange_run(&exchange, ret, err);
        if (exchange.upload)
                (void) fclose(exchange.upload);
        return ok;
}

const char *http_response_header(const HttpResponse *response, const char *name) {
        size_t length = strlen(name);

        for (size_t i = 0; i < response->headers.count; i++) {
                const char *header = response->headers.items[i];

                if (strncasecmp(header, name, length) == 0 && header[length] == ':')
                        return header + length + 1 + strspn(header + length + 1, " \t");
        }
        return NULL;
}

void http_response_clear(HttpResponse *response) {
        string_list_clear(&response->headers);
        free(response->body);
        *response = (HttpResponse){ 0 };
}
