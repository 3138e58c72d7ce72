/* A pack that has a URL comes from there; and whatever that server does, the pack is whole in the end or the
 * link is asked. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "harness/package_maker.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "release/fetch.h"

enum { CONTENT_BYTES = 3 << 20, MAX_FAULTS = 4 };

/* What the URL's server does with the requests, in order; afterwards it is good. */
typedef enum Fault {
        NO_FAULT,
        REFUSES,    /* 403 */
        IN_TROUBLE, /* 503 */
        CUTS,       /* after 100,000 bytes */
        RESETS,     /* before any answer */
        KNOWS_NO_RANGE,
        IS_GONE, /* 404 */
        LIES,    /* other bytes of the right length */
        SENDS_TOO_FEW,
} Fault;

typedef struct Lab {
        char *folder, *file;
        SigningKey *key;
        uint8_t public_key[ED25519_KEY_BYTES];
        PackageMaker *package;
        ScriptedHttp *server;
        Fault faults[MAX_FAULTS];
        size_t requests;
        Text body, headers;
        PackageSource source;
        char *url;               /* that a manifest's reply names; NULL: none */
        size_t manifests, packs; /* asked over the link */
        uint64_t progress;
        FetchSpec spec;
        atomic_bool cancelled;
} Lab;

/* ---- the URL's server ---- */

static ScriptedReply piece(Lab *lab, unsigned long long first, unsigned long long last) {
        const Text *pack = &lab->package->pack;

        text_clear(&lab->body);
        text_clear(&lab->headers);
        text_append_bytes(&lab->body, pack->data + first, (size_t) (last - first + 1));
        text_appendf(&lab->headers, "Content-Range: bytes %llu-%llu/%zu\r\n", first, last, pack->length);
        return (ScriptedReply){ .status = 206,
                                .headers = lab->headers.data,
                                .body = lab->body.data,
                                .body_length = lab->body.length };
}

static ScriptedReply handle(void *context, const char *request) {
        Lab *lab = context;
        Fault fault = lab->requests < MAX_FAULTS ? lab->faults[lab->requests] : NO_FAULT;
        unsigned long long first = 0, last = 0;

        lab->requests++;
        if (!scripted_http_range(request, &first, &last) || last >= lab->package->pack.length)
                return (ScriptedReply){ .status = 416 };
        if (fault == REFUSES)
                return (ScriptedReply){ .status = 403, .body = "<Error><Code>AccessDenied</Code></Error>" };
        if (fault == IN_TROUBLE)
                return (ScriptedReply){ .status = 503, .body = "<Error><Code>SlowDown</Code></Error>" };
        if (fault == IS_GONE)
                return (ScriptedReply){ .status = 404 };
        if (fault == RESETS)
                return (ScriptedReply){ .status = 0 };
        ScriptedReply reply = piece(lab, first, fault == SENDS_TOO_FEW ? last - 1000 : last);
        if (fault == CUTS)
                reply.cut_after = 100000;
        if (fault == KNOWS_NO_RANGE)
                reply.status = 200;
        if (fault == LIES)
                lab->body.data[1000] ^= 1;
        return reply;
}

/* ---- the link ---- */

static bool get_manifest(void *context, const char *sha256, Ghost__ManifestReply **ret, Error **err) {
        Lab *lab = context;
        const Ghost__ManifestReply *reply = &lab->package->reply;
        size_t length = ghost__manifest_reply__get_packed_size(reply);
        CLEANUP(free) uint8_t *bytes = xcalloc(1, length + 1);

        (void) sha256;
        (void) err;
        lab->manifests++;
        ghost__manifest_reply__pack(reply, bytes);
        *ret = ghost__manifest_reply__unpack(NULL, length, bytes);
        if (lab->url)
                (*ret)->pack_url = xstrdup(lab->url);
        return true;
}

static bool get_pack(void *context, const Ghost__PackRequest *request, Ghost__PackData **ret, Error **err) {
        Lab *lab = context;

        (void) err;
        lab->packs++;
        *ret = xcalloc(1, sizeof(**ret));
        ghost__pack_data__init(*ret);
        (*ret)->offset = request->offset;
        (*ret)->data.len = (size_t) request->length;
        (*ret)->data.data = xmemdup(lab->package->pack.data + request->offset, (size_t) request->length);
        return true;
}

static void on_progress(void *context, uint64_t done, uint64_t total) {
        Lab *lab = context;

        assert_int_equal(total, lab->package->pack.length);
        lab->progress = done;
}

/* ---- the lab ---- */

static int lab_start(void **state) {
        Lab *lab = xcalloc(1, sizeof(*lab));
        CLEANUP(free) char *content = xcalloc(1, CONTENT_BYTES);

        lab->folder = temp_folder();
        lab->file = xasprintf("%s/pack", lab->folder);
        lab->key = signing_key_new();
        signing_key_public(lab->key, lab->public_key);
        crypto_random(content, CONTENT_BYTES);
        lab->package = package_new("web", "/srv/web", "v1");
        package_add_file(lab->package, "index", content, CONTENT_BYTES);
        package_seal(lab->package, lab->key);
        lab->server = scripted_http_start_handler(handle, lab);
        lab->url = xasprintf("%s/packs/web?X-Amz-Signature=secret", scripted_http_url(lab->server));
        lab->source = (PackageSource){ .get_manifest = get_manifest, .get_pack = get_pack, .context = lab };
        lab->spec = (FetchSpec){ .source = &lab->source,
                                 .manifest_sha256 = lab->package->sha256,
                                 .module = "web",
                                 .release_key = lab->public_key,
                                 .deadline = deadline_after_ms(60000),
                                 .cancelled = &lab->cancelled,
                                 .on_progress = on_progress,
                                 .context = lab };
        *state = lab;
        return 0;
}

static int lab_stop(void **state) {
        Lab *lab = *state;

        scripted_http_stop(lab->server);
        package_free(lab->package);
        signing_key_free(lab->key);
        text_clear(&lab->body);
        text_clear(&lab->headers);
        temp_remove(lab->folder);
        free(lab->file);
        free(lab->url);
        free(lab);
        return 0;
}

static bool fetch_with(Lab *lab, int64_t expires_us, uint64_t *ret_fetched, Error **err) {
        Ghost__ManifestReply *reply = NULL;
        Ghost__Manifest *manifest = NULL;

        if (!fetch_manifest(&lab->spec, &reply, &manifest, err))
                return false;
        reply->pack_url_expires_us = expires_us;
        bool ok = fetch_pack(&lab->spec, reply, manifest, lab->file, ret_fetched, err);
        ghost__manifest_reply__free_unpacked(reply, NULL);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok;
}

/* The pack is there; so many bytes came in all, so many requests of each kind. */
static void check_fetch(Lab *lab, uint64_t bytes, size_t requests, size_t manifests, bool by_link) {
        CLEANUP(free) char *content = NULL;
        uint64_t fetched = 0;
        size_t length = 0;

        assert_ok(fetch_with(lab, 0, &fetched, err));
        assert_ok(file_read(lab->file, 16 << 20, &content, &length, err));
        assert_int_equal(length, lab->package->pack.length);
        assert_memory_equal(content, lab->package->pack.data, length);
        assert_int_equal(fetched, bytes);
        assert_int_equal(lab->requests, requests);
        assert_int_equal(lab->manifests, manifests);
        assert_int_equal(lab->packs > 0, by_link);
        assert_int_equal(lab->progress, length);
}

static void set_faults(Lab *lab, Fault a, Fault b, Fault c) {
        lab->faults[0] = a;
        lab->faults[1] = b;
        lab->faults[2] = c;
}

/* ---- tests ---- */

static void without_a_url_the_link_is_asked(void **state) {
        Lab *lab = *state;

        free(TAKE(lab->url));
        check_fetch(lab, lab->package->pack.length, 0, 1, true);
}

static void the_url_is_enough(void **state) {
        Lab *lab = *state;

        check_fetch(lab, lab->package->pack.length, 1, 1, false);
}

static void what_is_on_disk_is_not_fetched_again(void **state) {
        Lab *lab = *state;

        assert_ok(file_write_atomic(lab->file, lab->package->pack.data, 1 << 20, 0600, err));
        check_fetch(lab, lab->package->pack.length - (1 << 20), 1, 1, false);
        assert_has(scripted_http_request(lab->server, 0), "\r\nRange: bytes=1048576-");
}

static void a_server_out_of_reach(void **state) {
        Lab *lab = *state;

        free(lab->url);
        lab->url = xstrdup("http://127.0.0.1:1/packs/web?X-Amz-Signature=secret");
        check_fetch(lab, lab->package->pack.length, 0, 1, true);
}

static void an_old_url_is_renewed_once(void **state) {
        Lab *lab = *state;

        set_faults(lab, REFUSES, NO_FAULT, NO_FAULT);
        check_fetch(lab, lab->package->pack.length, 2, 2, false);
}

static void a_server_that_refuses(void **state) {
        Lab *lab = *state;

        set_faults(lab, REFUSES, REFUSES, REFUSES);
        check_fetch(lab, lab->package->pack.length, 2, 2, true);
}

static void a_url_known_to_be_over_is_not_tried(void **state) {
        Lab *lab = *state;
        uint64_t fetched = 0;

        assert_ok(fetch_with(lab, clock_now_us() - 1, &fetched, err));
        assert_int_equal(lab->manifests, 2);
        assert_int_equal(lab->requests, 1);
        assert_int_equal(lab->packs, 0);
}

static void a_cut_download_goes_on_where_it_ended(void **state) {
        Lab *lab = *state;

        set_faults(lab, CUTS, RESETS, NO_FAULT);
        check_fetch(lab, lab->package->pack.length, 3, 1, false);
        assert_has(scripted_http_request(lab->server, 2), "\r\nRange: bytes=100000-");
}

static void a_server_in_trouble_is_asked_three_times(void **state) {
        Lab *lab = *state;

        set_faults(lab, IN_TROUBLE, IN_TROUBLE, IN_TROUBLE);
        check_fetch(lab, lab->package->pack.length, 3, 1, true);
}

static void what_does_not_get_better_is_asked_once(void **state) {
        Lab *lab = *state;

        set_faults(lab, KNOWS_NO_RANGE, NO_FAULT, NO_FAULT);
        check_fetch(lab, lab->package->pack.length, 1, 1, true);
}

static void a_pack_that_is_gone(void **state) {
        Lab *lab = *state;

        set_faults(lab, IS_GONE, NO_FAULT, NO_FAULT);
        check_fetch(lab, lab->package->pack.length, 1, 1, true);
}

static void too_few_bytes_are_completed_by_the_link(void **state) {
        Lab *lab = *state;

        set_faults(lab, SENDS_TOO_FEW, NO_FAULT, NO_FAULT);
        check_fetch(lab, lab->package->pack.length, 1, 1, true);
        assert_int_equal(lab->packs, 1);
}

static void wrong_bytes_are_not_believed(void **state) {
        Lab *lab = *state;

        set_faults(lab, LIES, NO_FAULT, NO_FAULT);
        check_fetch(lab, 2 * (uint64_t) lab->package->pack.length, 1, 1, true);
}

static void a_cancel_ends_it(void **state) {
        Lab *lab = *state;
        CLEANUP(error_free) Error *error = NULL;
        uint64_t fetched = 0;

        atomic_store(&lab->cancelled, true);
        assert_false(fetch_with(lab, 0, &fetched, &error));
        assert_int_equal(error_kind(error), ERROR_CANCELLED);
        assert_has_not(error_message(error), "secret");
        assert_int_equal(lab->packs, 0);
}

int main(void) {
#define FETCH(test) cmocka_unit_test_setup_teardown(test, lab_start, lab_stop)
        const struct CMUnitTest tests[] = {
                FETCH(without_a_url_the_link_is_asked),
                FETCH(the_url_is_enough),
                FETCH(what_is_on_disk_is_not_fetched_again),
                FETCH(a_server_out_of_reach),
                FETCH(an_old_url_is_renewed_once),
                FETCH(a_server_that_refuses),
                FETCH(a_url_known_to_be_over_is_not_tried),
                FETCH(a_cut_download_goes_on_where_it_ended),
                FETCH(a_server_in_trouble_is_asked_three_times),
                FETCH(what_does_not_get_better_is_asked_once),
                FETCH(a_pack_that_is_gone),
                FETCH(too_few_bytes_are_completed_by_the_link),
                FETCH(wrong_bytes_are_not_believed),
                FETCH(a_cancel_ends_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
