#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "harness/scripted_http.h"
#include "metadata.h"

typedef struct Bench {
        ScriptedHttp *server;
        Metadata *metadata;
} Bench;

static void bench_clearp(Bench *bench) {
        metadata_free(bench->metadata);
        scripted_http_stop(bench->server);
}

static Bench start(const ScriptedReply *replies, size_t count) {
        Bench bench = { .server = scripted_http_start(replies, count) };

        assert_ok((bench.metadata = metadata_new(scripted_http_url(bench.server), err)));
        return bench;
}
#define START(table) start((table), sizeof(table) / sizeof((table)[0]))

static void a_token_is_fetched_first_and_used_again(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "t0ken\n" },
                                                 { 200, .body = "i-1" },
                                                 { 200, .body = "ami-1" } };
        CLEANUP(bench_clear) Bench bench = START(replies);
        CLEANUP(free) char *instance = NULL, *image = NULL;
        size_t length = 0;

        (void) state;
        assert_ok(metadata_get(
                bench.metadata, "meta-data/instance-id", deadline_after_ms(5000), &instance, &length, err));
        assert_string_equal(instance, "i-1");
        assert_int_equal(length, 3);
        assert_ok(metadata_get(
                bench.metadata, "meta-data/ami-id", deadline_after_ms(5000), &image, &length, err));
        assert_string_equal(image, "ami-1");

        assert_int_equal(scripted_http_request_count(bench.server), 3);
        const char *put = scripted_http_request(bench.server, 0),
                   *get = scripted_http_request(bench.server, 2);
        assert_true(text_starts_with(put, "PUT /latest/api/token "));
        assert_non_null(strstr(put, "X-aws-ec2-metadata-token-ttl-seconds: 300\r\n"));
        assert_true(text_starts_with(get, "GET /latest/meta-data/ami-id "));
        assert_non_null(strstr(get, "X-aws-ec2-metadata-token: t0ken\r\n"));
}

static void what_is_not_there_is_not_found(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "t0ken" }, { 404, .body = "no" } };
        CLEANUP(bench_clear) Bench bench = START(replies);
        CLEANUP(free) char *body = NULL;
        size_t length = 0;

        (void) state;
        assert_fails(
                ERROR_NOT_FOUND, "metadata user-data: status 404",
                metadata_get(bench.metadata, "user-data", deadline_after_ms(5000), &body, &length, err));
        assert_null(body);
}

static void a_token_that_ran_out_is_replaced(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "old" },
                { 401, NULL },
                { 200, .body = "new" },
                { 200, .body = "i-1" },
        };
        CLEANUP(bench_clear) Bench bench = START(replies);
        CLEANUP(free) char *body = NULL;
        size_t length = 0;

        (void) state;
        assert_fails(
                ERROR_FORBIDDEN, "metadata meta-data/instance-id: status 401",
                metadata_get(
                        bench.metadata, "meta-data/instance-id", deadline_after_ms(5000), &body, &length,
                        err));
        assert_ok(metadata_get(
                bench.metadata, "meta-data/instance-id", deadline_after_ms(5000), &body, &length, err));
        assert_non_null(strstr(scripted_http_request(bench.server, 3), "X-aws-ec2-metadata-token: new\r\n"));
}

static void a_service_that_drips_is_given_up(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "a token that takes its time",
                                                   .drip_ms = 200 } };
        CLEANUP(bench_clear) Bench bench = START(replies);
        CLEANUP(free) char *body = NULL;
        CLEANUP(error_free) Error *why = NULL;
        size_t length = 0;

        (void) state;
        assert_false(metadata_get(bench.metadata, "user-data", deadline_after_ms(500), &body, &length, &why));
        assert_int_equal(error_kind(why), ERROR_UNAVAILABLE);
}

static void an_answer_beyond_the_limit_is_refused(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "t0ken" },
                                                 { 200, .body = "0123456789abcdef", .repeat = 20000 } };
        CLEANUP(bench_clear) Bench bench = START(replies);
        CLEANUP(free) char *body = NULL;
        CLEANUP(error_free) Error *why = NULL;
        size_t length = 0;

        (void) state;
        assert_false(
                metadata_get(bench.metadata, "user-data", deadline_after_ms(5000), &body, &length, &why));
        assert_int_equal(error_kind(why), ERROR_INVALID);
}

static void only_plain_http_is_spoken(void **state) {
        (void) state;
        assert_fails(
                ERROR_INVALID, "metadata endpoint 'https://x' does not begin with http://",
                metadata_new("https://x", err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_token_is_fetched_first_and_used_again),
                cmocka_unit_test(what_is_not_there_is_not_found),
                cmocka_unit_test(a_token_that_ran_out_is_replaced),
                cmocka_unit_test(a_service_that_drips_is_given_up),
                cmocka_unit_test(an_answer_beyond_the_limit_is_refused),
                cmocka_unit_test(only_plain_http_is_spoken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
