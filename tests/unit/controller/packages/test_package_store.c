/* What every package store must do, each test with the folder and with the bucket; then what is the bucket's
 * own. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "harness/package_maker.h"
#include "harness/sandbox_bucket.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "net/http_client.h"
#include "packages/s3_store.h"

static const char UNKNOWN[] = "00000000000000000000000000000000000000000000000000000000000000ff";

enum { CONTENT_BYTES = 3 << 20 };

/* Where packages go: a folder, or buckets of one sandbox. */
typedef struct Driver {
        bool bucket;
        SandboxCase cloud; /* no sandbox: this machine cannot run one */
        int number;        /* of the last bucket */
} Driver;

typedef struct Lab {
        char *folder;
        SandboxCase *cloud; /* NULL: a folder */
        char *bucket;
        PackageStore *store;
        SigningKey *key;
        uint8_t public_key[ED25519_KEY_BYTES];
        PackageMaker *package;
        StoredManifest parts; /* borrows of the package */
} Lab;

static PackageStore *open_folder(Lab *lab) {
        CLEANUP(free) char *folder = xasprintf("%s/store", lab->folder);
        CLEANUP(error_free) Error *error = NULL;

        return directory_package_store_new(folder, &error);
}

static PackageStore *open_bucket(Lab *lab, Driver *driver) {
        CLEANUP(error_free) Error *error = NULL;

        lab->cloud = &driver->cloud;
        lab->bucket = xasprintf("packages-%d", ++driver->number);
        sandbox_bucket_make(lab->cloud, lab->bucket);
        return s3_package_store_new(
                &(S3PackageStoreSpec){ .aws = lab->cloud->aws, .bucket = lab->bucket, .prefix = "ghost/p" },
                &error);
}

/* Incompressible, so that the pack has several pieces. */
static void make_package(Lab *lab) {
        CLEANUP(free) char *bytes = xcalloc(1, CONTENT_BYTES);

        crypto_random(bytes, CONTENT_BYTES);
        lab->package = package_new("web", "/srv/web", "v1");
        package_add_file(lab->package, "index", bytes, CONTENT_BYTES);
        package_seal(lab->package, lab->key);
        const Ghost__ManifestReply *reply = &lab->package->reply;
        lab->parts = (StoredManifest){ .manifest = reply->manifest.data,
                                       .manifest_length = reply->manifest.len,
                                       .signature = reply->signature.data,
                                       .signature_length = reply->signature.len };
}

static Lab lab_open(Driver *driver) {
        Lab lab = { .folder = temp_folder(), .key = signing_key_new() };

        signing_key_public(lab.key, lab.public_key);
        lab.store = driver->bucket ? open_bucket(&lab, driver) : open_folder(&lab);
        assert_non_null(lab.store);
        make_package(&lab);
        return lab;
}

static void lab_clearp(Lab *lab) {
        package_store_free(lab->store);
        free(lab->bucket);
        package_free(lab->package);
        signing_key_free(lab->key);
        temp_remove(lab->folder);
}

static void put_package(Lab *lab) {
        CLEANUP(free) char *file = xasprintf("%s/pack", lab->folder);
        const PackageMaker *package = lab->package;

        assert_ok(file_write_atomic(file, package->pack.data, package->pack.length, 0600, err));
        assert_ok(package_store_put(lab->store, package->sha256, &lab->parts, file, err));
}

/* Somebody writes over a part: "manifest", "signature" or "pack". */
static void damage(Lab *lab, const char *part, const char *bytes) {
        const char *sha256 = lab->package->sha256;

        if (lab->cloud) {
                CLEANUP(free) char *key = xasprintf("ghost/p/%.2s/%s.%s", sha256, sha256, part);
                free(sandbox_bucket_add(lab->cloud, lab->bucket, key, bytes));
        } else {
                CLEANUP(free) char *name = xasprintf("store/%.2s/%s.%s", sha256, sha256, part);
                temp_write(lab->folder, name, bytes);
        }
}

static size_t count_calls(const Lab *lab, const char *action, int status) {
        CLEANUP(free) char *path = xasprintf("/%s/", lab->bucket);

        return sandbox_count_calls(lab->cloud->sandbox, action, path, status);
}

/* The driver, unless it needs a sandbox that cannot be had. */
#define DRIVER(state)                                                                                        \
        Driver *driver = *(state);                                                                           \
        if (driver->bucket && !driver->cloud.sandbox)                                                        \
        skip()

/* ---- what both do ---- */

static void check_parts(Lab *lab) {
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };

        assert_ok(package_store_get_manifest(lab->store, lab->package->sha256, &stored, err));
        assert_int_equal(stored.manifest_length, lab->parts.manifest_length);
        assert_memory_equal(stored.manifest, lab->parts.manifest, stored.manifest_length);
        assert_int_equal(stored.signature_length, ED25519_SIGNATURE_BYTES);
        assert_memory_equal(stored.signature, lab->parts.signature, ED25519_SIGNATURE_BYTES);
}

static void what_was_put_is_there(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        CLEANUP(free) char *copy = xasprintf("%s/copy", lab.folder), *bytes = NULL;
        size_t length = 0;

        put_package(&lab);
        check_parts(&lab);
        assert_ok(package_store_verify(lab.store, lab.package->sha256, lab.public_key, err));
        assert_ok(package_store_copy_pack(lab.store, lab.package->sha256, copy, err));
        assert_ok(file_read(copy, 16 << 20, &bytes, &length, err));
        assert_int_equal(length, lab.package->pack.length);
        assert_memory_equal(bytes, lab.package->pack.data, length);
}

static void pieces(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        const char *sha256 = lab.package->sha256;
        const Text *pack = &lab.package->pack;
        char bytes[1000];
        size_t length = 0;

        put_package(&lab);
        assert_ok(package_store_read(lab.store, sha256, 1 << 20, bytes, sizeof(bytes), &length, err));
        assert_int_equal(length, sizeof(bytes));
        assert_memory_equal(bytes, pack->data + (1 << 20), length);
        assert_ok(
                package_store_read(lab.store, sha256, pack->length - 10, bytes, sizeof(bytes), &length, err));
        assert_int_equal(length, 10);
        assert_memory_equal(bytes, pack->data + pack->length - 10, length);
        assert_ok(package_store_read(lab.store, sha256, pack->length, bytes, sizeof(bytes), &length, err));
        assert_int_equal(length, 0);
}

static void putting_again_changes_nothing(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);

        put_package(&lab);
        put_package(&lab);
        check_parts(&lab);
        assert_ok(package_store_verify(lab.store, lab.package->sha256, lab.public_key, err));
        if (lab.cloud) { /* looked at, not written */
                assert_int_equal(count_calls(&lab, "PutObject", 200), 3);
                assert_int_equal(count_calls(&lab, "PutObject", 412), 3);
        }
}

static void damage_is_noticed_and_cured_by_putting_again(void **state) {
        static const char *const parts[] = { "manifest", "signature", "pack" };
        DRIVER(state);

        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                CLEANUP(lab_clear) Lab lab = lab_open(driver);
                CLEANUP(error_free) Error *error = NULL;

                put_package(&lab);
                check_parts(&lab); /* it is remembered now, where that is done */
                damage(&lab, parts[i], "damaged");
                assert_false(package_store_verify(lab.store, lab.package->sha256, lab.public_key, &error));
                assert_int_equal(error_kind(error), ERROR_INTERNAL);
                put_package(&lab);
                assert_ok(package_store_verify(lab.store, lab.package->sha256, lab.public_key, err));
        }
}

static void another_key_is_not_believed(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        CLEANUP(error_free) Error *error = NULL;

        put_package(&lab);
        lab.public_key[0] ^= 1;
        assert_false(package_store_verify(lab.store, lab.package->sha256, lab.public_key, &error));
        assert_has(error_message(error), "is not signed by this controller's release key");
}

static void what_is_not_there_and_what_is_removed(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };
        char byte;
        size_t length = 0;

        assert_fails(
                ERROR_NOT_FOUND, "package 000000000000 is not in the package store",
                package_store_get_manifest(lab.store, UNKNOWN, &stored, err));
        assert_fails(
                ERROR_NOT_FOUND, "package 000000000000 has no pack in the package store",
                package_store_read(lab.store, UNKNOWN, 0, &byte, 1, &length, err));
        assert_ok(package_store_remove(lab.store, UNKNOWN, err));

        put_package(&lab);
        check_parts(&lab);
        assert_ok(package_store_remove(lab.store, lab.package->sha256, err));
        CLEANUP(error_free) Error *error = NULL;
        assert_false(package_store_get_manifest(lab.store, lab.package->sha256, &stored, &error));
        assert_int_equal(error_kind(error), ERROR_NOT_FOUND);
        put_package(&lab);
        check_parts(&lab);
}

static void a_name_that_is_none_is_refused(void **state) {
        static const char *const names[] = { "", "..", "ab/../../etc/passwd", "ABCDEF" };
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };

                assert_false(package_store_get_manifest(lab.store, names[i], &stored, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
        }
}

/* ---- what only the bucket does ---- */

static void a_folder_has_no_urls(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        CLEANUP(free) char *url = NULL;
        int64_t expires_us = 0;

        assert_ok(package_store_presign(lab.store, lab.package->sha256, 60, &url, &expires_us, err));
        assert_null(url);
}

static void a_url_gets_the_pack(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        CLEANUP(http_client_free)
        HttpClient *http = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(free) char *url = NULL;
        int64_t expires_us = 0;

        put_package(&lab);
        assert_ok(package_store_presign(lab.store, lab.package->sha256, 60, &url, &expires_us, err));
        assert_has(url, "/ghost/p/");
        assert_ok(http_client_send(
                http, &(HttpRequest){ .method = "GET", .url = url, .max_body_bytes = 16 << 20 }, &response,
                err));
        assert_int_equal(response.status, 200);
        assert_int_equal(response.body_length, lab.package->pack.length);
        assert_memory_equal(response.body, lab.package->pack.data, response.body_length);
}

static void the_manifest_is_asked_once_for_many_pieces(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);

        put_package(&lab);
        for (int i = 0; i < 5; i++)
                check_parts(&lab);
        assert_int_equal(count_calls(&lab, "GetObject", 200), 2); /* manifest and signature */
}

static void a_put_that_fails_leaves_no_manifest(void **state) {
        DRIVER(state);
        CLEANUP(lab_clear) Lab lab = lab_open(driver);
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        assert_false(
                package_store_put(lab.store, lab.package->sha256, &lab.parts, "/nonexistent/pack", &error));
        assert_int_equal(count_calls(&lab, "PutObject", 0), 0);
        error_free(TAKE(error));
        assert_false(package_store_get_manifest(lab.store, lab.package->sha256, &stored, &error));
        assert_int_equal(error_kind(error), ERROR_NOT_FOUND);
}

#define IN(test, where, driver)                                                                              \
        { #test where, test, NULL, NULL, &(driver) }
#define BOTH(test) IN(test, "_in_a_folder", folder), IN(test, "_in_a_bucket", bucket)

int main(void) {
        Driver folder = { 0 }, bucket = { .bucket = true };
        const struct CMUnitTest tests[] = {
                BOTH(what_was_put_is_there),
                BOTH(pieces),
                BOTH(putting_again_changes_nothing),
                BOTH(damage_is_noticed_and_cured_by_putting_again),
                BOTH(another_key_is_not_believed),
                BOTH(what_is_not_there_and_what_is_removed),
                BOTH(a_name_that_is_none_is_refused),
                IN(a_folder_has_no_urls, "", folder),
                IN(a_url_gets_the_pack, "", bucket),
                IN(the_manifest_is_asked_once_for_many_pieces, "", bucket),
                IN(a_put_that_fails_leaves_no_manifest, "", bucket),
        };

        (void) sandbox_case_open(&bucket.cloud);
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        sandbox_case_clearp(&bucket.cloud);
        return failed;
}
