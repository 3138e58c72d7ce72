/* Credentials of a task's or pod's role, from the endpoint that its platform names in the environment. */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/url.h"
#include "json/shape.h"

enum {
        TIMEOUT_MS = 2000,
        ATTEMPTS = 3,
        PAUSE_MS = 1000,
        MAX_ANSWER_BYTES = 64 << 10,
        MAX_TOKEN_BYTES = 16 << 10
};

static const char ecs_address[] = "http://169.254.170.2";

/* Over plain HTTP only to where nobody can stand in between. */
static bool is_near(const char *host) {
        static const char *const near[] = { "localhost", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
                                            "[::1]" };

        for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
                if (text_equal(near[i], host))
                        return true;
        return text_starts_with(host, "127.") && host[strspn(host, "0123456789.")] == '\0';
}

static bool check_url(const char *text, Error **err) {
        CLEANUP(url_clear) Url url = { 0 };

        if (!url_parse(text, &url, err))
                return error_prefix(err, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
        const char *colon = strrchr(url.authority, ':'), *bracket = strrchr(url.authority, ']');
        size_t length = colon && (!bracket || colon > bracket) ? (size_t) (colon - url.authority)
                                                               : strlen(url.authority);
        CLEANUP(free) char *host = xstrndup(url.authority, length);
        return text_equal(url.scheme, "https") || is_near(host) ||
               error_set(
                       err, ERROR_INVALID,
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI: plain http is not spoken with '%.80s'", host);
}

/* *ret stays NULL when the environment names none. */
static bool find_url(const char *const *environment, char **ret, Error **err) {
        const char *relative = environment_value(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        const char *full = environment_value(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

        if (relative)
                *ret = xasprintf("%s%s%s", ecs_address, *relative == '/' ? "" : "/", relative);
        else if (full && check_url(full, err))
                *ret = xstrdup(full);
        return relative || !full || *ret;
}

/* The Authorization header; "" for none. The file is read every time: it is renewed. */
static bool read_token(const char *const *environment, char **ret, Error **err) {
        const char *path = environment_value(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        const char *given = environment_value(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
        CLEANUP(free) char *content = NULL;

        if (path && !file_read(path, MAX_TOKEN_BYTES, &content, NULL, err))
                return error_prefix(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        if (!path)
                content = xstrdup(given ? given : "");
        *ret = text_trim(content);
        if (!(*ret)[strcspn(*ret, "\r\n")])
                return true;
        free(*ret);
        *ret = NULL;
        return error_set(err, ERROR_INVALID, "the container's authorization token has more than one line");
}

static const char *member(const json_t *json, const char *name) {
        return json_string_value(json_object_get(json, name));
}

static bool decode(const char *text, Credentials **ret, Error **err) {
        json_t *json = json_loads(text, 0, NULL);
        const char *key = member(json, "AccessKeyId"), *secret = member(json, "SecretAccessKey");
        const char *expiry = member(json, "Expiration");
        int64_t expires_us = 0;
        bool good =
                !text_empty(key) && !text_empty(secret) && (!expiry || clock_parse_iso(expiry, &expires_us));

        if (good) {
                *ret = credentials_new(key, secret, member(json, "Token"));
                (*ret)->expires_us = expires_us;
                (*ret)->origin = xstrdup("the container's role");
        }
        json_decref(json);
        return good ||
               error_set(err, ERROR_UNAVAILABLE, "the container's endpoint has no usable credentials");
}

static bool ask(const char *url, const char *authorization, Credentials **ret, Error **err) {
        CLEANUP(http_client_free)
        HttpClient *http = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(free) char *header = *authorization ? xasprintf("Authorization: %s", authorization) : NULL;
        const char *const headers[] = { "Accept: application/json", header, NULL };
        const HttpRequest request = { .method = "GET",
                                      .url = url,
                                      .headers = headers,
                                      .connect_timeout_ms = TIMEOUT_MS,
                                      .timeout_ms = TIMEOUT_MS,
                                      .max_body_bytes = MAX_ANSWER_BYTES };

        if (!http_client_send(http, &request, &response, err))
                return false;
        if (response.status != 200)
                return error_set(
                        err, ERROR_UNAVAILABLE, "the container's endpoint answered with status %d",
                        response.status);
        return decode(response.body, ret, err);
}

static bool load_container(void *context, Credentials **ret, Error **err) {
        const char *const *environment = context;
        CLEANUP(free) char *url = NULL;
        CLEANUP(free) char *token = NULL;
        CLEANUP(error_free) Error *why = NULL;

        if (!find_url(environment, &url, err))
                return false;
        if (!url)
                return true;
        if (!read_token(environment, &token, err))
                return false;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                error_free(TAKE(why));
                if (ask(url, token, ret, &why))
                        return true;
                if (attempt < ATTEMPTS)
                        clock_sleep_ms(PAUSE_MS);
        }
        return error_set(err, error_kind(why), "%s", error_message(why));
}

CredentialsSource credentials_from_container(const char *const *environment) {
        return (CredentialsSource){ load_container, NULL, (void *) environment };
}
