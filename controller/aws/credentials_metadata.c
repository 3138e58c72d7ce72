/* Credentials of the role of the instance we run on, by IMDSv2 (never v1, never through a proxy). */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/http_client.h"
#include "json/shape.h"

enum { TIMEOUT_MS = 1000, MAX_ANSWER_BYTES = 64 << 10 };

#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"
#define MINUTE_US INT64_C(60000000)

static bool metadata_get(
        HttpClient *http, const char *method, const char *url, const char *header, char **ret, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        const char *const headers[] = { header, NULL };
        HttpRequest request = { .method = method,
                                .url = url,
                                .headers = headers,
                                .connect_timeout_ms = TIMEOUT_MS,
                                .timeout_ms = TIMEOUT_MS,
                                .max_body_bytes = MAX_ANSWER_BYTES };

        if (!http_client_send(http, &request, &response, err))
                return false;
        if (response.status == 404)
                return error_set(err, ERROR_NOT_FOUND, "%s: nothing there", url);
        if (response.status != 200)
                return error_set(err, ERROR_UNAVAILABLE, "%s: status %d", url, response.status);
        *ret = TAKE(response.body);
        return true;
}

static const char *member(const json_t *json, const char *name) {
        return json_string_value(json_object_get(json, name));
}

static bool decode(const char *text, Credentials **ret, Error **err) {
        json_t *json = json_loads(text, 0, NULL);
        const char *code = member(json, "Code"), *key = member(json, "AccessKeyId");
        const char *secret = member(json, "SecretAccessKey"), *expiry = member(json, "Expiration");
        int64_t expires_us = 0, soon_us = clock_now_us() + 15 * MINUTE_US;
        uint8_t byte;
        bool good = text_equal(code, "Success") && key && secret && expiry &&
                    clock_parse_iso(expiry, &expires_us);

        if (!good)
                error_set(
                        err, ERROR_UNAVAILABLE,
                        "the metadata service has no usable credentials (code '%.40s')", code ? code : "");
        else {
                /* In an outage the service hands out old sets: better used, and asked again later, than none.
                 */
                crypto_random(&byte, 1);
                if (expires_us < soon_us)
                        expires_us = soon_us + 2 * MINUTE_US + byte * 8 * MINUTE_US / 256;
                *ret = credentials_new(key, secret, member(json, "Token"));
                (*ret)->expires_us = expires_us;
                (*ret)->origin = xstrdup("the instance's role");
        }
        json_decref(json);
        return good;
}

static bool fetch(HttpClient *http, const char *base, Credentials **ret, Error **err) {
        CLEANUP(free) char *token_url = xasprintf("%s/latest/api/token", base), *role_url = NULL;
        CLEANUP(free) char *token = NULL, *header = NULL, *roles = NULL, *text = NULL;
        CLEANUP(free) char *list_url = xasprintf("%s%s", base, ROLE_PATH);

        if (!metadata_get(http, "PUT", token_url, "X-aws-ec2-metadata-token-ttl-seconds: 300", &token, err))
                return false;
        token[strcspn(token, "\r\n")] = '\0';
        header = xasprintf("X-aws-ec2-metadata-token: %s", token);
        if (!metadata_get(http, "GET", list_url, header, &roles, err))
                return false;
        roles[strcspn(roles, "\r\n")] = '\0';
        role_url = xasprintf("%s%s", list_url, roles);
        return metadata_get(http, "GET", role_url, header, &text, err) && decode(text, ret, err);
}

/* No metadata service, or no role: there is nothing here. A service that answers nonsense is an error. */
static bool load_metadata(void *context, Credentials **ret, Error **err) {
        const char *const *environment = context;
        const char *base = environment_value(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
        const char *mode = environment_value(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
        CLEANUP(http_client_free) HttpClient *http = NULL;
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *trimmed = NULL;

        if (text_equal(environment_value(environment, "AWS_EC2_METADATA_DISABLED"), "true"))
                return true;
        if (!base)
                base = text_equal(mode, "IPv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
        trimmed = xstrdup(base);
        if (text_ends_with(trimmed, "/"))
                trimmed[strlen(trimmed) - 1] = '\0';
        http = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        for (int attempt = 0; attempt < 2; attempt++) {
                error_free(TAKE(error));
                if (fetch(http, trimmed, ret, &error))
                        return true;
                if (error_kind(error) == ERROR_NOT_FOUND)
                        return true;
        }
        if (strstr(error_message(error), "no usable"))
                return error_set(err, error_kind(error), "%s", error_message(error));
        return true;
}

CredentialsSource credentials_from_metadata(const char *const *environment) {
        return (CredentialsSource){ load_metadata, NULL, (void *) environment };
}
