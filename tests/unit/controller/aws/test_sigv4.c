/* The signer against AWS's own suite, botocore's answers, and the examples of the S3 documentation. */
#include "harness/ghost_test.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "harness/shared_files.h"
#include "net/url.h"
#include "json/shape.h"

#define SUITE "vectors/aws/signing-suite"

/* One request of the suite, and what its context says. */
typedef struct Case {
        char *folder;
        char *method, *path, *query, *body;
        StringList headers;
        json_t *context;
        Credentials *credentials;
        const char *late_token; /* added after signing */
        SigV4Request request;
} Case;

static void case_clearp(Case *one) {
        free(one->folder);
        free(one->method);
        free(one->path);
        free(one->query);
        free(one->body);
        string_list_clear(&one->headers);
        json_decref(one->context);
        credentials_free(one->credentials);
}

static char *read_part(const Case *one, const char *name) {
        CLEANUP(free) char *path = xasprintf(SUITE "/%s/%s", one->folder, name);

        return shared_file_read(path);
}

static void parse_request(Case *one, char *text) {
        char *line_end = strchr(text, '\n'), *first, *last, *line = line_end + 1;

        *line_end = '\0';
        first = strchr(text, ' ');
        last = strrchr(text, ' ');
        one->method = xstrndup(text, (size_t) (first - text));
        *last = '\0';
        size_t path_length = strcspn(first + 1, "?");
        one->path = xstrndup(first + 1, path_length);
        one->query = first[1 + path_length] ? xstrdup(first + 1 + path_length + 1) : NULL;

        while (line && *line && *line != '\n') {
                char *end = strchr(line, '\n');

                while (end && (end[1] == ' ' || end[1] == '\t')) /* folded */
                        end = strchr(end + 1, '\n');
                string_list_take(&one->headers, end ? xstrndup(line, (size_t) (end - line)) : xstrdup(line));
                line = end ? end + 1 : NULL;
        }
        one->body = line && *line == '\n' && line[1] ? xstrdup(line + 1) : NULL;
}

static const char *context_text(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

static Case load(const char *folder) {
        Case one = { .folder = xstrdup(folder) };
        CLEANUP(free) char *text = read_part(&one, "request.txt"), *context = read_part(&one, "context.json");

        assert_non_null(text);
        assert_non_null(context);
        parse_request(&one, text);
        one.context = json_loads(context, 0, NULL);
        const json_t *keys = json_object_get(one.context, "credentials");
        const char *token = context_text(keys, "token");
        bool late = json_is_true(json_object_get(one.context, "omit_session_token"));
        one.credentials = credentials_new(
                context_text(keys, "access_key_id"), context_text(keys, "secret_access_key"),
                late ? NULL : token);
        one.late_token = late ? token : NULL;

        if (!json_is_true(json_object_get(one.context, "normalize"))) {
                char *encoded = url_encode(one.path, "/");
                free(one.path);
                one.path = encoded;
                one.request.path_style = SIGV4_PATH_AS_SENT;
        }
        one.request.method = one.method;
        one.request.path = one.path;
        one.request.query = one.query;
        one.request.body = one.body;
        one.request.body_length = one.body ? strlen(one.body) : 0;
        one.request.region = context_text(one.context, "region");
        one.request.service = context_text(one.context, "service");
        one.request.credentials = one.credentials;
        assert_true(clock_parse_iso(context_text(one.context, "timestamp"), &one.request.time_us));
        if (!json_is_true(json_object_get(one.context, "sign_body"))) {
                one.request.body = NULL;
                one.request.body_length = 0;
        }
        return one;
}

static void check_header_mode(const char *folder) {
        CLEANUP(case_clear) Case one = load(folder);
        CLEANUP(free) char *signature = read_part(&one, "header-signature.txt");
        CLEANUP(free) char *canonical = read_part(&one, "header-canonical-request.txt");
        CLEANUP(free) char *to_sign = read_part(&one, "header-string-to-sign.txt");
        CLEANUP(string_list_clear) StringList added = { 0 }, all = { 0 };
        CLEANUP(free) char *names = NULL;

        if (one.request.body) {
                CLEANUP(free) char *hash = crypto_sha256_hex(one.request.body, one.request.body_length);
                string_list_addf(&one.headers, "X-Amz-Content-Sha256: %s", hash);
        }
        one.request.headers = (const char *const *) one.headers.items;
        sigv4_sign(&one.request, &added);
        const char *authorization = added.items[added.count - 1];
        assert_true(text_starts_with(
                authorization, "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"));
        assert_string_equal(strstr(authorization, "Signature=") + strlen("Signature="), signature);

        for (size_t i = 0; i < one.headers.count; i++)
                string_list_add(&all, one.headers.items[i]);
        for (size_t i = 0; i + 1 < added.count; i++)
                string_list_add(&all, added.items[i]);
        one.request.headers = (const char *const *) all.items;
        CLEANUP(free) char *our_canonical = sigv4_canonical_request(&one.request, &names);
        CLEANUP(free) char *our_to_sign = sigv4_string_to_sign(&one.request, our_canonical);
        assert_string_equal(our_canonical, canonical);
        assert_string_equal(our_to_sign, to_sign);
}

static void check_query_mode(const char *folder) {
        CLEANUP(case_clear) Case one = load(folder);
        CLEANUP(free) char *signature = read_part(&one, "query-signature.txt");

        one.request.headers = (const char *const *) one.headers.items;
        int64_t expires_s = json_integer_value(json_object_get(one.context, "expiration_in_seconds"));
        CLEANUP(free) char *query = sigv4_presign(&one.request, expires_s);
        assert_string_equal(strstr(query, "&X-Amz-Signature=") + strlen("&X-Amz-Signature="), signature);
}

static void every_case_of_the_suite_is_signed_alike(void **state) {
        CLEANUP(free) char *path = shared_file_path(SUITE);
        DIR *folder = opendir(path);
        unsigned checked = 0;

        (void) state;
        if (!folder)
                skip();
        for (struct dirent *entry; (entry = readdir(folder));) {
                if (entry->d_type != DT_DIR || *entry->d_name == '.')
                        continue;
                check_header_mode(entry->d_name);
                check_query_mode(entry->d_name);
                checked++;
        }
        closedir(folder);
        assert_int_equal(checked, 38);
}

/* ---- botocore ---- */

static void collect_headers(const json_t *vector, const Url *url, StringList *headers) {
        const char *name;
        json_t *value;

        string_list_addf(headers, "Host: %s", url->authority);
        json_object_foreach(json_object_get(vector, "headers"), name, value)
                string_list_addf(headers, "%s: %s", name, json_string_value(value));
        json_object_foreach(json_object_get(vector, "extra_headers"), name, value) {
                /* those that are not our signer's own to add */
                if (strcasecmp(name, "X-Amz-Content-SHA256") == 0)
                        string_list_addf(headers, "%s: %s", name, json_string_value(value));
        }
}

static void check_vector(const json_t *vector) {
        CLEANUP(url_clear) Url url = { 0 };
        CLEANUP(string_list_clear) StringList headers = { 0 }, added = { 0 };
        CLEANUP(credentials_free)
        Credentials *credentials = credentials_new(
                context_text(vector, "access_key"), context_text(vector, "secret_key"),
                context_text(vector, "session_token"));
        bool s3 = text_equal(context_text(vector, "service"), "s3");
        const char *presigned = context_text(vector, "presigned_url"), *body = context_text(vector, "body");
        CLEANUP(free) char *signed_url = NULL;

        assert_ok(url_parse(context_text(vector, "url"), &url, err));
        collect_headers(vector, &url, &headers);
        SigV4Request request = { .method = context_text(vector, "method"),
                                 .path = url.path,
                                 .query = url.query,
                                 .headers = (const char *const *) headers.items,
                                 .body = body,
                                 .body_length = body ? strlen(body) : 0,
                                 .path_style = s3 ? SIGV4_PATH_AS_SENT : SIGV4_PATH_NORMALISED,
                                 .region = context_text(vector, "region"),
                                 .service = context_text(vector, "service"),
                                 .credentials = credentials };
        assert_true(clock_parse_iso("2026-01-02T03:04:05Z", &request.time_us));
        if (json_is_true(json_object_get(vector, "unsigned_payload")))
                request.payload_hash = "UNSIGNED-PAYLOAD";
        if (presigned) {
                CLEANUP(free)
                char *query = sigv4_presign(&request, json_integer_value(json_object_get(vector, "expires")));
                /* the order of the parameters is free; the signature says that the same set was signed */
                assert_string_equal(strstr(query, "X-Amz-Signature="), strstr(presigned, "X-Amz-Signature="));
                return;
        }
        sigv4_sign(&request, &added);
        assert_string_equal(
                added.items[added.count - 1] + strlen("Authorization: "),
                context_text(vector, "authorization"));
}

static void botocore_signs_alike(void **state) {
        CLEANUP(free) char *text = shared_file_read("vectors/aws/sigv4-botocore.json");
        json_t *vector;
        size_t index;

        (void) state;
        if (!text)
                skip();
        json_t *json = json_loads(text, 0, NULL);
        json_array_foreach(json_object_get(json, "vectors"), index, vector)
                check_vector(vector);
        assert_int_equal(index, 20);
        json_decref(json);
}

/* ---- in the tree: the documentation's S3 examples, and what a proxy may change ---- */

static const char EMPTY_HASH[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static SigV4Request s3_request(const Credentials *credentials, const char *path, const char *query) {
        SigV4Request request = { .method = "GET",
                                 .path = path,
                                 .query = query,
                                 .path_style = SIGV4_PATH_AS_SENT,
                                 .region = "us-east-1",
                                 .service = "s3",
                                 .credentials = credentials };

        assert_true(clock_parse_iso("2013-05-24T00:00:00Z", &request.time_us));
        return request;
}

static void check_signature(SigV4Request request, const char *const *headers, const char *signature) {
        CLEANUP(string_list_clear) StringList added = { 0 };

        request.headers = headers;
        sigv4_sign(&request, &added);
        assert_string_equal(
                strstr(added.items[added.count - 1], "Signature=") + strlen("Signature="), signature);
}

static Credentials *documented_keys(void) {
        return credentials_new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL);
}

static void the_documented_s3_examples(void **state) {
        CLEANUP(credentials_free) Credentials *keys = documented_keys();
        CLEANUP(free) char *hash = xasprintf("x-amz-content-sha256: %s", EMPTY_HASH);
        static const char HOST[] = "Host: examplebucket.s3.amazonaws.com";

        (void) state;
        check_signature(
                s3_request(keys, "/test.txt", NULL),
                (const char *const[]){ HOST, "Range: bytes=0-9", hash, NULL },
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        check_signature(
                s3_request(keys, "/", "lifecycle"), (const char *const[]){ HOST, hash, NULL },
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
        check_signature(
                s3_request(keys, "/", "max-keys=2&prefix=J"), (const char *const[]){ HOST, hash, NULL },
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");

        SigV4Request put = s3_request(keys, "/test%24file.text", NULL);
        put.method = "PUT";
        put.body = "Welcome to Amazon S3.";
        put.body_length = strlen(put.body);
        CLEANUP(free) char *body_hash = crypto_sha256_hex(put.body, put.body_length);
        CLEANUP(free) char *body_header = xasprintf("x-amz-content-sha256: %s", body_hash);
        check_signature(
                put,
                (const char *const[]){ HOST, "Date: Fri, 24 May 2013 00:00:00 GMT", body_header,
                                       "x-amz-storage-class: REDUCED_REDUNDANCY", NULL },
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void the_documented_presigned_url(void **state) {
        CLEANUP(credentials_free) Credentials *keys = documented_keys();
        SigV4Request request = s3_request(keys, "/test.txt", NULL);

        (void) state;
        request.headers = (const char *const[]){ "Host: examplebucket.s3.amazonaws.com", NULL };
        CLEANUP(free) char *query = sigv4_presign(&request, 86400);
        assert_string_equal(
                query, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%"
                       "2Fus-east-1"
                       "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-"
                       "Expires=86400"
                       "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void headers_that_change_on_the_way_are_not_signed(void **state) {
        CLEANUP(credentials_free) Credentials *keys = documented_keys();
        CLEANUP(free) char *names = NULL;
        SigV4Request request = s3_request(keys, "/", NULL);

        (void) state;
        request.headers = (const char *const[]){ "User-Agent: x", "Host: h",    "Expect: 100-continue",
                                                 "Connection: x", "X-B: 2  3 ", "Proxy-Authorization: x",
                                                 "X-Amz-A: 1",    NULL };
        CLEANUP(free) char *canonical = sigv4_canonical_request(&request, &names);
        assert_string_equal(names, "host;x-amz-a;x-b");
        assert_non_null(strstr(canonical, "\nx-b:2 3\n"));
}

static void a_query_is_sorted_by_key_then_value(void **state) {
        CLEANUP(credentials_free) Credentials *keys = documented_keys();
        CLEANUP(free) char *names = NULL;
        SigV4Request request = s3_request(keys, "/", "a=2&a-b=1&a=10&A&c=%7e+%2F&");

        (void) state;
        request.headers = (const char *const[]){ "Host: h", NULL };
        CLEANUP(free) char *canonical = sigv4_canonical_request(&request, &names);
        assert_non_null(strstr(canonical, "\nA=&a=10&a=2&a-b=1&c=~%2B%2F\n"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_case_of_the_suite_is_signed_alike),
                cmocka_unit_test(botocore_signs_alike),
                cmocka_unit_test(the_documented_s3_examples),
                cmocka_unit_test(the_documented_presigned_url),
                cmocka_unit_test(headers_that_change_on_the_way_are_not_signed),
                cmocka_unit_test(a_query_is_sorted_by_key_then_value),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
