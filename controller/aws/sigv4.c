#include "aws/sigv4.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "net/url.h"

static const char ALGORITHM[] = "AWS4-HMAC-SHA256";
static const char UNSIGNED_PAYLOAD[] = "UNSIGNED-PAYLOAD";

typedef struct Pair {
        char *name;
        char *value;
} Pair;

typedef struct Pairs {
        Pair *items;
        size_t count;
} Pairs;

static void pairs_add(Pairs *pairs, char *name, char *value) {
        pairs->items = xrealloc(pairs->items, (pairs->count + 1) * sizeof(*pairs->items));
        pairs->items[pairs->count++] = (Pair){ name, value };
}

static void pairs_clearp(Pairs *pairs) {
        for (size_t i = 0; i < pairs->count; i++) {
                free(pairs->items[i].name);
                free(pairs->items[i].value);
        }
        free(pairs->items);
}

/* Stable, unlike qsort(): headers of one name keep their order. */
static void pairs_sort(Pairs *pairs, bool by_value_too) {
        for (size_t i = 1; i < pairs->count; i++) {
                Pair pair = pairs->items[i];
                size_t at = i;

                for (; at > 0; at--) {
                        const Pair *before = &pairs->items[at - 1];
                        int order = strcmp(before->name, pair.name);

                        if (order == 0 && by_value_too)
                                order = strcmp(before->value, pair.value);
                        if (order <= 0)
                                break;
                        pairs->items[at] = *before;
                }
                pairs->items[at] = pair;
        }
}

/* Drops the last "/segment". */
static void drop_segment(Text *path) {
        while (path->length > 0 && path->data[path->length - 1] != '/')
                path->data[--path->length] = '\0';
        if (path->length > 0)
                path->data[--path->length] = '\0';
}

static char *canonical_path(const SigV4Request *request) {
        CLEANUP(string_list_clear) StringList segments = { 0 };
        CLEANUP(text_clear) Text path = { 0 };

        if (text_empty(request->path))
                return xstrdup("/");
        if (request->path_style == SIGV4_PATH_AS_SENT)
                return xstrdup(request->path);

        text_split(request->path, '/', &segments);
        for (size_t i = 0; i < segments.count; i++) {
                const char *segment = segments.items[i];

                if (text_equal(segment, ".."))
                        drop_segment(&path);
                else if (*segment && !text_equal(segment, ".")) {
                        text_append(&path, "/");
                        text_append(&path, segment);
                }
        }
        if (path.length == 0 || text_ends_with(request->path, "/"))
                text_append(&path, "/");
        return url_encode(path.data, "/");
}

static char *recode(const char *string, size_t length) {
        size_t decoded_length = 0;
        CLEANUP(free) char *decoded = url_decode(string, length, &decoded_length);

        return url_encode_bytes(decoded, decoded_length, NULL);
}

static char *canonical_query(const char *query) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        CLEANUP(pairs_clear) Pairs pairs = { 0 };
        Text text = { 0 };

        if (!text_empty(query))
                text_split(query, '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                const char *part = parts.items[i];
                size_t name = strcspn(part, "=");
                const char *value = part[name] ? part + name + 1 : "";

                if (*part)
                        pairs_add(&pairs, recode(part, name), recode(value, strlen(value)));
        }
        pairs_sort(&pairs, true);
        for (size_t i = 0; i < pairs.count; i++)
                text_appendf(&text, "%s%s=%s", i > 0 ? "&" : "", pairs.items[i].name, pairs.items[i].value);
        return text_take(&text);
}

/* Headers that proxies and libraries add or change after the signature. */
static bool never_signed(const char *name) {
        static const char *const names[] = { "authorization",  "connection", "expect",
                                             "keep-alive",     "te",         "trailer",
                                             "upgrade",        "user-agent", "transfer-encoding",
                                             "x-amzn-trace-id" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (text_equal(name, names[i]))
                        return true;
        return text_starts_with(name, "proxy-") || text_starts_with(name, "sec-websocket-");
}

/* Trimmed, inner runs of blanks (and folded lines) as one blank. */
static char *canonical_value(const char *value) {
        Text text = { 0 };

        for (; *value; value++)
                if (!isspace((unsigned char) *value))
                        text_append_bytes(&text, value, 1);
                else if (text.length > 0 && text.data[text.length - 1] != ' ')
                        text_append(&text, " ");
        if (text.length > 0 && text.data[text.length - 1] == ' ')
                text.data[--text.length] = '\0';
        return text_take(&text);
}

static void canonical_headers(const char *const *headers, Pairs *ret) {
        for (; headers && *headers; headers++) {
                size_t length = strcspn(*headers, ":");
                char *name = xstrndup(*headers, length);

                for (char *at = name; *at; at++)
                        *at = (char) tolower((unsigned char) *at);
                if (never_signed(name) || !(*headers)[length]) {
                        free(name);
                        continue;
                }
                pairs_add(ret, name, canonical_value(*headers + length + 1));
        }
        pairs_sort(ret, false);
}

static char *payload_hash(const SigV4Request *request) {
        if (request->payload_hash)
                return xstrdup(request->payload_hash);
        return crypto_sha256_hex(
                request->body ? request->body : "", request->body ? request->body_length : 0);
}

char *sigv4_canonical_request(const SigV4Request *request, char **ret_signed_headers) {
        CLEANUP(free) char *path = canonical_path(request), *query = canonical_query(request->query);
        CLEANUP(free) char *hash = payload_hash(request);
        CLEANUP(pairs_clear) Pairs headers = { 0 };
        CLEANUP(text_clear) Text lines = { 0 }, names = { 0 };

        canonical_headers(request->headers, &headers);
        for (size_t i = 0; i < headers.count; i++) {
                const Pair *header = &headers.items[i];

                if (i > 0 && text_equal(headers.items[i - 1].name, header->name))
                        text_appendf(&lines, ",%s", header->value);
                else {
                        text_appendf(&lines, "%s%s:%s", i > 0 ? "\n" : "", header->name, header->value);
                        text_appendf(&names, "%s%s", i > 0 ? ";" : "", header->name);
                }
        }
        *ret_signed_headers = text_take(&names);
        return xasprintf(
                "%s\n%s\n%s\n%s\n\n%s\n%s", request->method, path, query, lines.data ? lines.data : "",
                *ret_signed_headers, hash);
}

static char *scope_of(const SigV4Request *request) {
        CLEANUP(free) char *date = clock_format(request->time_us, "%Y%m%d");

        return xasprintf("%s/%s/%s/aws4_request", date, request->region, request->service);
}

char *sigv4_string_to_sign(const SigV4Request *request, const char *canonical_request) {
        CLEANUP(free) char *time = clock_format(request->time_us, "%Y%m%dT%H%M%SZ");
        CLEANUP(free) char *scope = scope_of(request);
        CLEANUP(free) char *hash = crypto_sha256_hex(canonical_request, strlen(canonical_request));

        return xasprintf("%s\n%s\n%s\n%s", ALGORITHM, time, scope, hash);
}

static char *signature_of(const SigV4Request *request, const char *string_to_sign) {
        CLEANUP(free) char *secret = xasprintf("AWS4%s", request->credentials->secret_access_key);
        CLEANUP(free) char *date = clock_format(request->time_us, "%Y%m%d");
        uint8_t key[SHA256_BYTES], signature[SHA256_BYTES];
        const char *const parts[] = { request->region, request->service, "aws4_request" };

        crypto_hmac_sha256(secret, strlen(secret), date, strlen(date), key);
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
                crypto_hmac_sha256(key, sizeof(key), parts[i], strlen(parts[i]), key);
        crypto_hmac_sha256(key, sizeof(key), string_to_sign, strlen(string_to_sign), signature);
        crypto_wipe(key, sizeof(key));
        crypto_wipe(secret, strlen(secret));
        return hex_encode(signature, sizeof(signature));
}

void sigv4_sign(const SigV4Request *request, StringList *ret_headers) {
        CLEANUP(string_list_clear) StringList headers = { 0 };
        CLEANUP(free) char *time = clock_format(request->time_us, "%Y%m%dT%H%M%SZ");
        CLEANUP(free) char *scope = scope_of(request);
        CLEANUP(free) char *signed_headers = NULL;
        const char *token = request->credentials->session_token;
        SigV4Request dated = *request;

        for (const char *const *header = request->headers; header && *header; header++)
                string_list_add(&headers, *header);
        string_list_addf(&headers, "X-Amz-Date: %s", time);
        string_list_addf(ret_headers, "X-Amz-Date: %s", time);
        if (!text_empty(token)) {
                string_list_addf(&headers, "X-Amz-Security-Token: %s", token);
                string_list_addf(ret_headers, "X-Amz-Security-Token: %s", token);
        }
        dated.headers = (const char *const *) headers.items;

        CLEANUP(free) char *canonical = sigv4_canonical_request(&dated, &signed_headers);
        CLEANUP(free) char *to_sign = sigv4_string_to_sign(&dated, canonical);
        CLEANUP(free) char *signature = signature_of(&dated, to_sign);
        string_list_addf(
                ret_headers, "Authorization: %s Credential=%s/%s, SignedHeaders=%s, Signature=%s", ALGORITHM,
                request->credentials->access_key_id, scope, signed_headers, signature);
}

char *sigv4_presign(const SigV4Request *request, int64_t expires_s) {
        CLEANUP(free) char *time = clock_format(request->time_us, "%Y%m%dT%H%M%SZ");
        CLEANUP(free) char *scope = scope_of(request);
        CLEANUP(free) char *who = xasprintf("%s/%s", request->credentials->access_key_id, scope);
        CLEANUP(free) char *seconds = xasprintf("%lld", (long long) expires_s);
        CLEANUP(free) char *names = NULL, *unsigned_canonical = sigv4_canonical_request(request, &names);
        CLEANUP(free) char *signed_headers = NULL;
        Text query = { 0 };
        SigV4Request complete = *request;

        if (!text_empty(request->query))
                text_append(&query, request->query);
        url_append_parameter(&query, "X-Amz-Algorithm", ALGORITHM);
        url_append_parameter(&query, "X-Amz-Credential", who);
        url_append_parameter(&query, "X-Amz-Date", time);
        url_append_parameter(&query, "X-Amz-SignedHeaders", names);
        url_append_parameter(&query, "X-Amz-Expires", seconds);
        if (!text_empty(request->credentials->session_token))
                url_append_parameter(&query, "X-Amz-Security-Token", request->credentials->session_token);
        complete.query = query.data;
        if (!complete.payload_hash && text_equal(request->service, "s3"))
                complete.payload_hash = UNSIGNED_PAYLOAD;

        CLEANUP(free) char *canonical = sigv4_canonical_request(&complete, &signed_headers);
        CLEANUP(free) char *to_sign = sigv4_string_to_sign(&complete, canonical);
        CLEANUP(free) char *signature = signature_of(&complete, to_sign);
        url_append_parameter(&query, "X-Amz-Signature", signature);
        return text_take(&query);
}
