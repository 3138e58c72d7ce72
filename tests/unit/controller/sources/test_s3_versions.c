/* The versions of the object that is a module's source. */
#include "harness/sandbox_bucket.h"
#include "harness/text_assertions.h"
#include "sources/s3_versions.h"

static bool list(SandboxCase *cloud, const char *url, size_t most, S3Versions *ret, Error **err) {
        const S3SourceRequest request = { .url = url, .deadline = deadline_after_ms(20000) };

        return s3_versions_list(cloud->aws, &request, most, ret, err);
}

static void the_newest_first(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase cloud = { 0 };
        CLEANUP(s3_versions_clear) S3Versions versions = { 0 };

        (void) state;
        if (!sandbox_case_open(&cloud))
                skip();
        sandbox_bucket_make(&cloud, "site");
        CLEANUP(free) char *first = sandbox_bucket_add(&cloud, "site", "builds/app.zip", "one");
        CLEANUP(free) char *second = sandbox_bucket_add(&cloud, "site", "builds/app.zip", "three");
        free(sandbox_bucket_add(&cloud, "site", "builds/app.zip.sig", "another"));
        free(sandbox_bucket_add(&cloud, "site", "builds/app", "another"));
        assert_ok(list(&cloud, "s3://site/builds/app.zip", 100, &versions, err));
        assert_int_equal(versions.count, 2);
        assert_string_equal(versions.items[0].id, second);
        assert_int_equal(versions.items[0].bytes, 5);
        assert_true(versions.items[0].is_latest);
        assert_has(versions.items[0].last_modified, "T");
        assert_string_equal(versions.items[1].id, first);
        assert_int_equal(versions.items[1].bytes, 3);
        assert_false(versions.items[1].is_latest);
        /* Of many only so many. */
        CLEANUP(s3_versions_clear) S3Versions one = { 0 };
        assert_ok(list(&cloud, "s3://site/builds/app.zip", 1, &one, err));
        assert_int_equal(one.count, 1);
        assert_string_equal(one.items[0].id, second);
}

static void what_has_none(void **state) {
        static const char *const urls[] = { "s3://site/web", "s3://site/web/", "s3://site", "s3://site/" };
        CLEANUP(sandbox_case_clear) SandboxCase cloud = { 0 };

        (void) state;
        if (!sandbox_case_open(&cloud))
                skip();
        sandbox_bucket_make(&cloud, "site");
        free(sandbox_bucket_add(&cloud, "site", "web/index.html", "hello"));
        for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
                CLEANUP(s3_versions_clear) S3Versions versions = { 0 };

                assert_ok(list(&cloud, urls[i], 100, &versions, err));
                assert_int_equal(versions.count, 0);
        }
        CLEANUP(s3_versions_clear) S3Versions versions = { 0 };
        CLEANUP(error_free) Error *absent = NULL;
        assert_fails(
                ERROR_INVALID, "Invalid S3 source url given: 'https://x' is not s3://bucket/key",
                list(&cloud, "https://x", 100, &versions, err));
        assert_false(list(&cloud, "s3://nobodys-bucket/web", 100, &versions, &absent));
        assert_has(error_message(absent), "NoSuchBucket");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_newest_first),
                cmocka_unit_test(what_has_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
