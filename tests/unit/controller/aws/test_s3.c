/* What is sent to S3, and what is made of its answers, against a server that answers from a script. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "aws/s3.h"
#include "aws/s3_request.h"
#include "base/file.h"
#include "base/memory.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };
static const S3Object object = { .bucket = "packages", .key = "a b/c+d" };

/* SHA-256 of "hello". */
#define HELLO_HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define HELLO_BASE64 "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
#define S3_ERROR(code) "<Error><Code>" code "</Code><Message>no</Message><RequestId>r1</RequestId></Error>"

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
}

static Fixture start(ScriptedHttp *server, const Credentials *credentials) {
        Fixture fixture = { .server = server };
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .credentials = credentials,
                               .retry_base_ms = 2,
                               .environment = environment };
        CLEANUP(error_free) Error *error = NULL;

        fixture.aws = aws_new(&options, &error);
        assert_non_null(fixture.aws);
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        return fixture;
}
#define START(table) start(scripted_http_start_table(table), NULL)

/* ---- put ---- */

static void check_put(const char *sent) {
        assert_true(text_starts_with(sent, "PUT /packages/a%20b/c%2Bd HTTP/1.1\r\n"));
        assert_has(sent, "\r\nContent-Length: 5\r\n");
        assert_has(sent, "\r\nX-Amz-Content-Sha256: " HELLO_HEX "\r\n");
        assert_has(sent, "\r\nX-Amz-Checksum-Sha256: " HELLO_BASE64 "\r\n");
        assert_has(
                sent, "SignedHeaders=content-type;host;if-none-match;x-amz-checksum-sha256;"
                      "x-amz-content-sha256;x-amz-date;x-amz-meta-made-by;x-amz-meta-sha256,");
        assert_has(sent, "/eu-west-1/s3/aws4_request");
        assert_has(sent, "\r\nX-Amz-Meta-Made-By: ghost\r\n");
        assert_has(sent, "\r\nIf-None-Match: *\r\n");
        assert_has_not(sent, "Transfer-Encoding");
        assert_has_not(sent, "Expect");
        assert_true(text_ends_with(sent, "\r\n\r\nhello"));
}

static void a_put_from_memory_and_from_a_file(void **state) {
        static const ScriptedReply replies[] = { { 200, NULL },
                                                 { 503, .body = S3_ERROR("SlowDown") },
                                                 { 200, NULL } };
        static const char *const metadata[] = { "Made-By: ghost", NULL };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        char *folder = temp_folder();
        CLEANUP(free) char *file = xasprintf("%s/body", folder);
        S3Put put = { .object = object,
                      .body = "hello",
                      .length = 5,
                      .content_type = "application/octet-stream",
                      .metadata = metadata,
                      .create_only = true };

        (void) state;
        assert_ok(s3_put(&fixture.session, &put, err));
        check_put(scripted_http_request(fixture.server, 0));

        assert_ok(file_write_atomic(file, "hello", 5, 0600, err));
        put.body = NULL;
        put.file = file;
        assert_ok(s3_put(&fixture.session, &put, err));
        check_put(scripted_http_request(fixture.server, 1));
        check_put(scripted_http_request(fixture.server, 2)); /* from its beginning again */
        assert_int_equal(scripted_http_request_count(fixture.server), 3);
        temp_remove(folder);
}

static void an_empty_object_and_one_that_is_there(void **state) {
        static const ScriptedReply replies[] = { { 200, NULL },
                                                 { 412, .body = S3_ERROR("PreconditionFailed") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(error_free) Error *error = NULL;
        S3Put put = { .object = object };

        (void) state;
        assert_ok(s3_put(&fixture.session, &put, err));
        assert_has(scripted_http_request(fixture.server, 0), "\r\nContent-Length: 0\r\n");
        put.create_only = true;
        assert_false(s3_put(&fixture.session, &put, &error));
        assert_int_equal(error_kind(error), ERROR_CONFLICT);
        assert_int_equal(fixture.session.failure.class, AWS_ERROR_DUPLICATE);
        assert_string_equal(
                error_message(error),
                "s3://packages/a b/c+d: PutObject: PreconditionFailed: no (request r1)");
}

/* ---- where a bucket is ---- */

static void check_region(Fixture *fixture, size_t index, const char *region) {
        CLEANUP(free) char *scope = xasprintf("/%s/s3/aws4_request", region);

        assert_has(scripted_http_request(fixture->server, index), scope);
}

static void the_region_that_s3_names_is_used_and_kept(void **state) {
        static const ScriptedReply replies[] = {
                { 301, .body = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message>"
                               "<Region>us-west-2</Region></Error>" },
                { 200, .body = "one" },
                { 200, .body = "two" },
                { 400, .headers = "x-amz-bucket-region: eu-north-1\r\n" },
                { 200, .headers = "ETag: \"e\"\r\nx-amz-version-id: v7\r\n" },
                { 400, .body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message>"
                               "<Region>eu-north-1</Region></Error>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(free) char *one = NULL, *two = NULL;
        CLEANUP(s3_facts_clear) S3Facts facts = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        size_t length = 0;

        (void) state;
        assert_ok(s3_get(&fixture.session, &object, 100, &one, &length, err));
        assert_string_equal(one, "one");
        assert_ok(s3_get(&fixture.session, &object, 100, &two, &length, err));
        assert_string_equal(two, "two");
        check_region(&fixture, 0, "eu-west-1");
        check_region(&fixture, 1, "us-west-2");
        check_region(&fixture, 2, "us-west-2");

        /* HEAD has only the header; and the bucket may move again. */
        assert_ok(s3_head(&fixture.session, &object, &facts, err));
        assert_string_equal(facts.version_id, "v7");
        check_region(&fixture, 4, "eu-north-1");

        /* The region it names is the one that was used: no second time. */
        assert_false(s3_delete(&fixture.session, &object, &error));
        assert_int_equal(scripted_http_request_count(fixture.server), 6);
}

static void the_bucket_stands_in_the_host_or_begins_the_path(void **state) {
        (void) state;
        assert_true(s3_bucket_in_host("packages", "https", "s3.eu-west-1.amazonaws.com"));
        assert_true(s3_bucket_in_host("with.dots", "http", "s3.eu-west-1.amazonaws.com"));
        assert_false(s3_bucket_in_host("with.dots", "https", "s3.eu-west-1.amazonaws.com"));
        assert_false(s3_bucket_in_host("packages", "http", "127.0.0.1"));
        assert_false(s3_bucket_in_host("packages", "http", "::1"));
        assert_false(s3_bucket_in_host("Upper", "https", "s3.eu-west-1.amazonaws.com"));
        assert_false(s3_bucket_in_host("under_score", "https", "s3.eu-west-1.amazonaws.com"));
        assert_false(s3_bucket_in_host("ab", "https", "s3.eu-west-1.amazonaws.com"));
        assert_false(s3_bucket_in_host("-ab", "https", "s3.eu-west-1.amazonaws.com"));
}

static void check_url(const char *bucket, const char *region, const char *url, const char *host) {
        const AwsOptions options = { .region = region, .environment = environment };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(aws_free) Aws *aws = aws_new(&options, &error);
        AwsSession session = { .aws = aws };
        const S3Object in_bucket = { .bucket = bucket, .key = "../x//y" };
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };

        assert_ok(s3_endpoint(&session, &in_bucket, region, &endpoint, err));
        assert_string_equal(endpoint.url, url);
        assert_string_equal(endpoint.authority, host);
}

static void public_addresses(void **state) {
        (void) state;
        check_url(
                "packages", "eu-west-1", "https://packages.s3.eu-west-1.amazonaws.com/../x//y",
                "packages.s3.eu-west-1.amazonaws.com");
        check_url(
                "my.packages", "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn/my.packages/../x//y",
                "s3.cn-north-1.amazonaws.com.cn");
}

static void a_name_that_no_bucket_has_is_refused(void **state) {
        static const ScriptedReply replies[] = { { 200, NULL } };
        static const char *const names[] = { "", "a/b", "a b", "a@b", "a?b" };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                const S3Object wrong = { .bucket = names[i], .key = "k" };
                CLEANUP(error_free) Error *error = NULL;

                assert_false(s3_delete(&fixture.session, &wrong, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
        }
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

/* ---- get ---- */

static void ranges(void **state) {
        static const ScriptedReply replies[] = { { 206, .body = "345" },
                                                 { 416, .body = S3_ERROR("InvalidRange") },
                                                 { 200, .body = "0123456789" },
                                                 { 206, .body = "345", .cut_after = 2 },
                                                 { 206, .body = "345" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(error_free) Error *error = NULL;
        char bytes[8] = "";
        size_t length = 9;

        (void) state;
        assert_ok(s3_get_range(&fixture.session, &object, 3, bytes, 5, &length, err));
        assert_int_equal(length, 3);
        assert_memory_equal(bytes, "345", 3);
        assert_has(scripted_http_request(fixture.server, 0), "\r\nRange: bytes=3-7\r\n");
        assert_ok(s3_get_range(&fixture.session, &object, 50, bytes, 5, &length, err));
        assert_int_equal(length, 0);
        assert_false(s3_get_range(&fixture.session, &object, 3, bytes, 5, &length, &error));
        assert_has(error_message(error), "another part of the object");
        assert_ok(s3_get_range(&fixture.session, &object, 3, bytes, 5, &length, err));
        assert_int_equal(length, 3);
        assert_int_equal(scripted_http_request_count(fixture.server), 5);
}

static void a_file_is_whole_or_not_there(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .headers = "ETag: \"e\"\r\n", .body = "0123456789", .repeat = 1000, .cut_after = 77 },
                { 200, .headers = "ETag: \"e\"\r\n", .body = "0123456789", .repeat = 1000 },
                { 403, .body = S3_ERROR("AccessDenied") }
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        char *folder = temp_folder();
        CLEANUP(free) char *file = xasprintf("%s/body", folder), *bytes = NULL;
        CLEANUP(s3_facts_clear) S3Facts facts = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const S3Object version = { .bucket = "packages", .key = "k", .version_id = "v/1" };
        size_t length = 0;

        (void) state;
        assert_ok(s3_get_file(&fixture.session, &version, file, &facts, err));
        assert_true(text_starts_with(
                scripted_http_request(fixture.server, 1), "GET /packages/k?versionId=v%2F1 HTTP/1.1\r\n"));
        assert_int_equal(facts.bytes, 10000);
        assert_string_equal(facts.etag, "\"e\"");
        assert_ok(file_read(file, 20000, &bytes, &length, err));
        assert_int_equal(length, 10000);
        assert_true(text_starts_with(bytes, "01234567890"));

        assert_false(s3_get_file(&fixture.session, &version, file, NULL, &error));
        assert_int_equal(error_kind(error), ERROR_FORBIDDEN);
        assert_false(file_exists(file));
        temp_remove(folder);
}

static void what_is_not_there(void **state) {
        static const ScriptedReply replies[] = { { 404, .body = S3_ERROR("NoSuchKey") },
                                                 { 404, NULL },
                                                 { 404, .body = S3_ERROR("NoSuchKey") },
                                                 { 404, .body = S3_ERROR("NoSuchBucket") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(error_free) Error *get = NULL, *head = NULL, *remove = NULL;
        CLEANUP(free) char *bytes = NULL;
        size_t length = 0;

        (void) state;
        assert_false(s3_get(&fixture.session, &object, 100, &bytes, &length, &get));
        assert_int_equal(error_kind(get), ERROR_NOT_FOUND);
        assert_false(s3_head(&fixture.session, &object, NULL, &head));
        assert_int_equal(error_kind(head), ERROR_NOT_FOUND);
        assert_ok(s3_delete(&fixture.session, &object, err));
        assert_false(s3_delete(&fixture.session, &object, &remove));
        assert_int_equal(error_kind(remove), ERROR_NOT_FOUND);
}

/* ---- lists ---- */

static bool note(void *context, const S3Entry *entry, Error **err) {
        StringList *seen = context;

        (void) err;
        string_list_addf(
                seen, "%s|%s|%llu%s%s", entry->key, entry->version_id, (unsigned long long) entry->bytes,
                entry->is_latest ? "|latest" : "", entry->is_delete_marker ? "|gone" : "");
        return true;
}

static void what_is_no_list_is_asked_for_again(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = S3_ERROR("InternalError") }, /* begun with a good status, failed then */
                { 307, .body = S3_ERROR("TemporaryRedirect") },
                { 200, .body = "<html><body>Welcome</body></html>" },
                { 200, .body = "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>" },
                { 200, .body = S3_ERROR("InternalError") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList seen = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const S3List list = { .bucket = "packages", .prefix = "", .each = note, .context = &seen };

        (void) state;
        assert_ok(s3_list(&fixture.session, &list, err));
        assert_int_equal(seen.count, 1);
        assert_int_equal(scripted_http_request_count(fixture.server), 4);
        assert_false(s3_list(&fixture.session, &list, &error));
        assert_has(error_message(error), "the answer: <Error> is no list: InternalError");
        assert_int_equal(seen.count, 1);
}

static void a_list_of_two_pages(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<ListBucketResult><IsTruncated>true</IsTruncated>"
                               "<NextContinuationToken>t/1=</NextContinuationToken>"
                               "<Contents><Key>p/a+b%2Bc%C3%A9</Key><Size>3</Size></Contents>"
                               "</ListBucketResult>" },
                { 200, .body = "<ListBucketResult><IsTruncated>false</IsTruncated>"
                               "<Contents><Key>p/z</Key><Size>5368709120</Size></Contents>"
                               "<CommonPrefixes><Prefix>p/q/</Prefix></CommonPrefixes></ListBucketResult>" },
                { 200, .body = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList seen = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const S3List list = { .bucket = "packages", .prefix = "p/", .each = note, .context = &seen };

        (void) state;
        assert_ok(s3_list(&fixture.session, &list, err));
        assert_int_equal(seen.count, 2);
        assert_string_equal(seen.items[0], "p/a b+c\xc3\xa9||3");
        assert_string_equal(seen.items[1], "p/z||5368709120");
        assert_true(text_starts_with(
                scripted_http_request(fixture.server, 0),
                "GET /packages?list-type=2&encoding-type=url&prefix=p%2F HTTP/1.1\r\n"));
        assert_has(scripted_http_request(fixture.server, 1), "&continuation-token=t%2F1%3D HTTP/1.1\r\n");

        assert_false(s3_list(&fixture.session, &list, &error));
        assert_has(error_message(error), "goes on, but not where");
}

#define OBJECTS(keys, token)                                                                                 \
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>" token                     \
        "</NextContinuationToken>" keys "</ListBucketResult>"
#define LAST_OBJECTS(keys) "<ListBucketResult>" keys "</ListBucketResult>"
#define OBJECT(key) "<Contents><Key>" key "</Key></Contents>"

static void a_list_whose_token_is_not_known_goes_on_after_the_last_key(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = OBJECTS(OBJECT("a") OBJECT("b"), "1") },
                { 400,
                  .body = "<Error><Code>InvalidArgument</Code><Message>no such token</Message></Error>" },
                { 200, .body = LAST_OBJECTS(OBJECT("b") OBJECT("c")) },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList seen = { 0 };
        const S3List list = { .bucket = "packages", .each = note, .context = &seen };

        (void) state;
        assert_ok(s3_list(&fixture.session, &list, err));
        assert_int_equal(seen.count, 3); /* b, which two pages show, once */
        assert_string_equal(seen.items[2], "c||0");
        assert_has(scripted_http_request(fixture.server, 2), "&start-after=b HTTP/1.1\r\n");
}

static void tokens_that_are_never_known_end_the_list(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = OBJECTS(OBJECT("a"), "1") },
                { 400,
                  .body = "<Error><Code>InvalidArgument</Code><Message>no such token</Message></Error>" },
                { 200, .body = OBJECTS(OBJECT("b"), "2") },
                { 400,
                  .body = "<Error><Code>InvalidArgument</Code><Message>no such token</Message></Error>" },
                { 200, .body = OBJECTS(OBJECT("c"), "3") },
                { 400,
                  .body = "<Error><Code>InvalidArgument</Code><Message>no such token</Message></Error>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList seen = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const S3List list = { .bucket = "packages", .each = note, .context = &seen };

        (void) state;
        assert_false(s3_list(&fixture.session, &list, &error));
        assert_has(error_message(error), "no such token");
        assert_int_equal(scripted_http_request_count(fixture.server), 6);
}

static void a_list_that_comes_again_is_an_error(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = OBJECTS("", "1") },
                { 200, .body = OBJECTS(OBJECT("a"), "2") },
                { 200, .body = OBJECTS(OBJECT("b"), "1") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList seen = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const S3List list = { .bucket = "packages", .each = note, .context = &seen };

        (void) state;
        assert_false(s3_list(&fixture.session, &list, &error));
        assert_has(error_message(error), "the list of s3://packages goes on where it was before");
        assert_int_equal(scripted_http_request_count(fixture.server), 3);
}

static void versions_and_delete_markers(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<ListVersionsResult><IsTruncated>true</IsTruncated>"
                          "<NextKeyMarker>k+1</NextKeyMarker>"
                          "<NextVersionIdMarker>v2</NextVersionIdMarker>"
                          "<DeleteMarker><Key>k+1</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest>"
                          "</DeleteMarker><Version><Key>k+1</Key><VersionId>v2</VersionId>"
                          "<Size>1</Size></Version></ListVersionsResult>" },
                { 200, .body = "<ListVersionsResult><IsTruncated>false</IsTruncated>"
                               "<Version><Key>k+1</Key><VersionId>v1</VersionId><Size>2</Size></Version>"
                               "</ListVersionsResult>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList seen = { 0 };
        const S3List list = { .bucket = "packages", .prefix = "k", .each = note, .context = &seen };

        (void) state;
        assert_ok(s3_list_versions(&fixture.session, &list, err));
        assert_int_equal(seen.count, 3);
        assert_string_equal(seen.items[0], "k 1|v3|0|latest|gone");
        assert_string_equal(seen.items[1], "k 1|v2|1");
        assert_string_equal(seen.items[2], "k 1|v1|2");
        assert_has(scripted_http_request(fixture.server, 0), "?versions=&encoding-type=url&prefix=k ");
        assert_has(
                scripted_http_request(fixture.server, 1), "&key-marker=k%201&version-id-marker=v2 HTTP/1.1");
}

/* ---- presigned ---- */

static void a_presigned_url(void **state) {
        static const ScriptedReply replies[] = { { 200, NULL } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        const S3Object version = { .bucket = "packages", .key = "a b", .version_id = "v1" };
        CLEANUP(free) char *url = NULL;
        int64_t before_us = clock_now_us(), expires_us = 0;

        (void) state;
        assert_ok(s3_presign(&fixture.session, &version, 600, &url, &expires_us, err));
        CLEANUP(free)
        char *beginning = xasprintf(
                "%s/packages/a%%20b?versionId=v1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=",
                scripted_http_url(fixture.server));
        assert_true(text_starts_with(url, beginning));
        assert_has(url, "&X-Amz-SignedHeaders=host&X-Amz-Expires=600&X-Amz-Signature=");
        assert_true(expires_us >= before_us + 600000000 && expires_us <= clock_now_us() + 600000000);
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

static void a_presigned_url_ends_with_its_keys(void **state) {
        static const ScriptedReply replies[] = { { 200, NULL } };
        CLEANUP(credentials_free) Credentials *keys = credentials_new("ASIAEXAMPLE", "secret", "to/ken");
        keys->expires_us = clock_now_us() + INT64_C(1800) * 1000000; /* long enough not to be renewed */
        CLEANUP(fixture_clear) Fixture fixture = start(scripted_http_start_table(replies), keys);
        CLEANUP(free) char *url = NULL;
        int64_t expires_us = 0;

        (void) state;
        assert_ok(s3_presign(&fixture.session, &object, 3600, &url, &expires_us, err));
        assert_int_equal(expires_us, keys->expires_us);
        assert_has(url, "&X-Amz-Security-Token=to%2Fken&X-Amz-Signature=");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_put_from_memory_and_from_a_file),
                cmocka_unit_test(an_empty_object_and_one_that_is_there),
                cmocka_unit_test(the_region_that_s3_names_is_used_and_kept),
                cmocka_unit_test(the_bucket_stands_in_the_host_or_begins_the_path),
                cmocka_unit_test(public_addresses),
                cmocka_unit_test(a_name_that_no_bucket_has_is_refused),
                cmocka_unit_test(ranges),
                cmocka_unit_test(a_file_is_whole_or_not_there),
                cmocka_unit_test(what_is_not_there),
                cmocka_unit_test(what_is_no_list_is_asked_for_again),
                cmocka_unit_test(a_list_of_two_pages),
                cmocka_unit_test(a_list_whose_token_is_not_known_goes_on_after_the_last_key),
                cmocka_unit_test(tokens_that_are_never_known_end_the_list),
                cmocka_unit_test(a_list_that_comes_again_is_an_error),
                cmocka_unit_test(versions_and_delete_markers),
                cmocka_unit_test(a_presigned_url),
                cmocka_unit_test(a_presigned_url_ends_with_its_keys),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
