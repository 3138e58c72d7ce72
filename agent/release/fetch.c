#include "release/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "package/frame.h"
#include "package/manifest.h"
#include "release/pack_download.h"
#include "release/switch.h"

enum {
        REQUEST_BYTES = 1 << 20,
        RETRY_FIRST_MS = 200,
        RETRY_MOST_MS = 5000,
        URL_REQUEST_BYTES = 16 << 20,
        URL_ATTEMPTS = 3, /* without a byte in between */
        PROGRESS_BYTES = 256 << 10,
};

static const char manifest_context[] = "ghost-manifest-1";

static bool wire_error(Error **err, Ghost__ErrorKind kind, const char *message) {
        bool known = kind > GHOST__ERROR_KIND__ERROR_KIND_NONE && (int) kind <= (int) ERROR_KIND_COUNT;

        return error_set(
                err, known ? (ErrorKind) (kind - 1) : ERROR_INTERNAL, "the controller says: %s", message);
}

/* Sleeps before the next try; false when there shall be none. */
static bool may_retry(const FetchSpec *spec, int *wait_ms, Error **problem, Error **err) {
        bool over = error_kind(*problem) != ERROR_UNAVAILABLE || deadline_passed(spec->deadline) ||
                    atomic_load(spec->cancelled);
        if (over) {
                *err = TAKE(*problem);
                return false;
        }
        error_free(TAKE(*problem));
        int left_ms = deadline_left_ms(spec->deadline);
        clock_sleep_ms(*wait_ms < left_ms ? *wait_ms : left_ms);
        *wait_ms = *wait_ms * 2 < RETRY_MOST_MS ? *wait_ms * 2 : RETRY_MOST_MS;
        return true;
}

/* ---- manifest
 * --------------------------------------------------------------------------------------------------- */

static bool signed_by_release_key(const FetchSpec *spec, const Ghost__ManifestReply *reply) {
        CLEANUP(text_clear) Text message = { 0 };

        if (reply->signature.len != ED25519_SIGNATURE_BYTES)
                return false;
        text_append(&message, manifest_context);
        text_append_bytes(&message, reply->manifest.data, reply->manifest.len);
        return signature_valid(spec->release_key, message.data, message.length, reply->signature.data);
}

Ghost__Manifest *fetch_check_manifest(const FetchSpec *spec, const Ghost__ManifestReply *reply, Error **err) {
        CLEANUP(free) char *hash = crypto_sha256_hex(reply->manifest.data, reply->manifest.len);

        if (!text_equal(hash, spec->manifest_sha256)) {
                error_set(
                        err, ERROR_INVALID, "manifest %.12s: its content is not what its name says",
                        spec->manifest_sha256);
                return NULL;
        }
        if (!signed_by_release_key(spec, reply)) {
                error_set(
                        err, ERROR_FORBIDDEN, "manifest %.12s: not signed by the controller's release key",
                        spec->manifest_sha256);
                return NULL;
        }
        Ghost__Manifest *manifest = manifest_unpack(reply->manifest.data, reply->manifest.len, err);
        if (!manifest) {
                error_prefix(err, "manifest %.12s", spec->manifest_sha256);
                return NULL;
        }
        if (text_equal(manifest->module, spec->module) && switch_path_allowed(manifest->path, err))
                return manifest;
        if (!text_equal(manifest->module, spec->module))
                error_set(
                        err, ERROR_FORBIDDEN, "manifest %.12s is of module '%s', not of '%s'",
                        spec->manifest_sha256, manifest->module, spec->module);
        ghost__manifest__free_unpacked(manifest, NULL);
        return NULL;
}

bool fetch_manifest(
        const FetchSpec *spec, Ghost__ManifestReply **ret_reply, Ghost__Manifest **ret_manifest,
        Error **err) {
        Ghost__ManifestReply *reply = NULL;

        for (int wait_ms = RETRY_FIRST_MS; !reply;) {
                Error *problem = NULL;
                bool answered = spec->source->get_manifest(
                        spec->source->context, spec->manifest_sha256, &reply, &problem);
                if (answered && reply->manifest.len == 0) {
                        wire_error(&problem, reply->error, reply->message);
                        ghost__manifest_reply__free_unpacked(TAKE(reply), NULL);
                }
                if (!reply && !may_retry(spec, &wait_ms, &problem, err))
                        return error_prefix(err, "manifest %.12s", spec->manifest_sha256);
        }
        *ret_manifest = fetch_check_manifest(spec, reply, err);
        if (!*ret_manifest) {
                ghost__manifest_reply__free_unpacked(reply, NULL);
                return false;
        }
        *ret_reply = reply;
        return true;
}

/* ---- pack
 * ------------------------------------------------------------------------------------------------------- */

typedef struct Fetch {
        const FetchSpec *spec;
        const Ghost__Manifest *manifest;
        int fd;
        uint64_t done, end;                    /* what is fetched now: up to end */
        uint64_t fetched, told, before, total; /* before: what the stretches before this one had */
        Sha256 *hash;                          /* of all before done; NULL: it is in pieces */
        char *url;                             /* NULL: the link is asked */
        int64_t url_expires_us;
        bool url_renewed, url_used;
} Fetch;

static bool hash_existing(Fetch *fetch, Error **err) {
        enum { BLOCK = 256 << 10 };
        CLEANUP(free) char *block = xcalloc(1, BLOCK);

        for (ssize_t got; (got = pread(fetch->fd, block, BLOCK, (off_t) fetch->done)) != 0;) {
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "read of the pack: %s", strerror(errno));
                sha256_update(fetch->hash, block, (size_t) got);
                fetch->done += (uint64_t) got;
        }
        return true;
}

static bool start_over(Fetch *fetch, Error **err) {
        sha256_free(fetch->hash);
        fetch->hash = sha256_new();
        fetch->done = 0;
        fetch->told = 0;
        if (ftruncate(fetch->fd, 0) < 0)
                return error_set(err, ERROR_INTERNAL, "the pack's file: %s", strerror(errno));
        return true;
}

static bool take_bytes(void *context, const void *bytes, size_t length, Error **err) {
        Fetch *fetch = context;
        const FetchSpec *spec = fetch->spec;

        if (lseek(fetch->fd, (off_t) fetch->done, SEEK_SET) < 0 ||
            !file_write_all(fetch->fd, bytes, length, err))
                return error_prefix(err, "the pack's file");
        if (fetch->hash)
                sha256_update(fetch->hash, bytes, length);
        fetch->done += length;
        fetch->fetched += length;
        uint64_t all = fetch->before + fetch->done;
        if (spec->on_progress && (all == fetch->total || all - fetch->told >= PROGRESS_BYTES)) {
                fetch->told = all;
                spec->on_progress(spec->context, all, fetch->total);
        }
        return true;
}

static bool take_data(Fetch *fetch, const Ghost__PackData *data, Error **err) {
        uint64_t left = fetch->end - fetch->done;

        if (data->data.len == 0)
                return wire_error(err, data->error, data->message);
        if (data->offset != fetch->done || data->data.len > left)
                return error_set(
                        err, ERROR_INVALID,
                        "the controller sent another part of the pack than was asked for");
        return take_bytes(fetch, data->data.data, data->data.len, err);
}

/* A full disk is not cured by asking again. */
static bool fetch_range(Fetch *fetch, bool *ret_retry, Error **err) {
        const FetchSpec *spec = fetch->spec;
        uint64_t left = fetch->end - fetch->done;
        Ghost__PackRequest request = GHOST__PACK_REQUEST__INIT;
        Ghost__PackData *data = NULL;

        request.manifest_sha256 = (char *) spec->manifest_sha256;
        request.offset = fetch->done;
        request.length = left < REQUEST_BYTES ? left : REQUEST_BYTES;
        *ret_retry = true;
        if (!spec->source->get_pack(spec->source->context, &request, &data, err))
                return false;
        *ret_retry = data->data.len == 0;
        bool ok = take_data(fetch, data, err);
        ghost__pack_data__free_unpacked(data, NULL);
        return ok;
}

static void set_url(Fetch *fetch, const Ghost__ManifestReply *reply) {
        if (fetch->url)
                crypto_wipe(fetch->url, strlen(fetch->url));
        free(TAKE(fetch->url));
        if (!reply || text_empty(reply->pack_url))
                return;
        fetch->url = xstrdup(reply->pack_url);
        fetch->url_expires_us = reply->pack_url_expires_us;
}

/* Another URL for one that is no longer good: once. */
static void renew_url(Fetch *fetch) {
        const PackageSource *source = fetch->spec->source;
        CLEANUP(error_free) Error *problem = NULL;
        Ghost__ManifestReply *reply = NULL;

        set_url(fetch, NULL);
        if (fetch->url_renewed ||
            !source->get_manifest(source->context, fetch->spec->manifest_sha256, &reply, &problem))
                return;
        fetch->url_renewed = true;
        set_url(fetch, reply);
        ghost__manifest_reply__free_unpacked(reply, NULL);
}

/* True when the URL is worth another try. */
static bool after_failed_download(
        Fetch *fetch, PackDownloadResult result, int failures, const Error *problem) {
        bool again = result == PACK_DOWNLOAD_AGAIN && failures < URL_ATTEMPTS;

        if (again)
                clock_sleep_ms(RETRY_FIRST_MS << failures);
        else if (result == PACK_DOWNLOAD_REFUSED)
                renew_url(fetch);
        else
                set_url(fetch, NULL);
        log_warn(
                "pack of %.12s: %s; %s", fetch->spec->manifest_sha256, error_message(problem),
                fetch->url ? "trying again" : "asking the controller for the rest");
        return fetch->url != NULL;
}

/* As much as the URL gives; false when there is no point in asking the link either. */
static bool fetch_by_url(Fetch *fetch, Error **err) {
        const PackDownloadSpec spec = { .ca_file = fetch->spec->download_ca,
                                        .deadline = fetch->spec->deadline,
                                        .cancelled = fetch->spec->cancelled,
                                        .take = take_bytes,
                                        .context = fetch };
        CLEANUP(pack_download_free) PackDownload *download = pack_download_new(&spec);

        if (fetch->url_expires_us > 0 && fetch->url_expires_us <= clock_now_us())
                renew_url(fetch);
        for (int failures = 0; fetch->url && fetch->done < fetch->end;) {
                CLEANUP(error_free) Error *problem = NULL;
                uint64_t left = fetch->end - fetch->done, before = fetch->done;
                PackDownloadResult result = pack_download_range(
                        download, fetch->url, fetch->done,
                        left < URL_REQUEST_BYTES ? left : URL_REQUEST_BYTES, &problem);
                fetch->url_used = fetch->url_used || fetch->done > before;
                if (result == PACK_DOWNLOAD_STOPPED) {
                        *err = TAKE(problem);
                        return false;
                }
                failures = fetch->done > before ? 0 : failures + 1;
                if (result != PACK_DOWNLOAD_GOOD && !after_failed_download(fetch, result, failures, problem))
                        break;
        }
        return true;
}

static bool fetch_rest(Fetch *fetch, Error **err) {
        int wait_ms = RETRY_FIRST_MS;

        if (fetch->url && !fetch_by_url(fetch, err))
                return false;
        while (fetch->done < fetch->end) {
                Error *problem = NULL;
                bool retry = false;
                if (atomic_load(fetch->spec->cancelled))
                        return error_set(err, ERROR_CANCELLED, "cancelled while fetching");
                if (deadline_passed(fetch->spec->deadline))
                        return error_set(
                                err, ERROR_TIMEOUT, "the pack did not come in time (%llu of %llu bytes)",
                                (unsigned long long) fetch->done, (unsigned long long) fetch->end);
                if (fetch_range(fetch, &retry, &problem)) {
                        wait_ms = RETRY_FIRST_MS;
                } else if (!retry) {
                        *err = problem;
                        return false;
                } else if (!may_retry(fetch->spec, &wait_ms, &problem, err)) {
                        return error_prefix(err, "pack of %.12s", fetch->spec->manifest_sha256);
                }
        }
        return true;
}

static bool is_whole(Fetch *fetch) {
        uint8_t hash[SHA256_BYTES];

        sha256_finish(fetch->hash, hash);
        return fetch->manifest->pack_sha256.len == SHA256_BYTES &&
               memcmp(hash, fetch->manifest->pack_sha256.data, SHA256_BYTES) == 0;
}

static bool fetch_whole(Fetch *fetch, Error **err) {
        if (!hash_existing(fetch, err))
                return false;
        if (fetch->done > fetch->manifest->pack_bytes && !start_over(fetch, err))
                return false;

        bool resumed = fetch->done > 0;
        if (!fetch_rest(fetch, err))
                return false;
        if (is_whole(fetch))
                return true;
        /* What was on disk may have suffered with the machine, and what the URL gave is nobody's word: one
         * try without either. */
        bool again = resumed || fetch->url_used;
        set_url(fetch, NULL);
        if (!start_over(fetch, err))
                return false;
        if (again && (!fetch_rest(fetch, err)))
                return false;
        if (again && is_whole(fetch))
                return true;
        if (again && !start_over(fetch, err))
                return false;
        return error_set(
                err, ERROR_INVALID, "package %.12s is damaged: its pack is not what the manifest's hash says",
                fetch->spec->manifest_sha256);
}

/* ---- a part of the pack ---- */

/* Left by an attempt before this one. */
static bool has_frame(const Fetch *fetch, const Ghost__Frame *frame, uint8_t *packed, uint8_t *content) {
        CLEANUP(error_free) Error *ignored = NULL;

        return frame->length <= FRAME_PACKED_MAX && frame->content_length <= FRAME_CONTENT_MAX &&
               pread(fetch->fd, packed, frame->length, (off_t) frame->offset) == (ssize_t) frame->length &&
               frame_decompress(packed, frame->length, content, frame->content_length, &ignored);
}

static bool fetch_stretch(Fetch *fetch, const PackStretch *stretch, Error **err) {
        CLEANUP(free) uint8_t *packed = xcalloc(1, FRAME_PACKED_MAX);
        CLEANUP(free) uint8_t *content = xcalloc(1, FRAME_CONTENT_MAX);
        size_t frame = stretch->first;

        fetch->done = stretch->from;
        for (; frame < stretch->end && has_frame(fetch, fetch->manifest->frames[frame], packed, content);
             frame++)
                fetch->done += fetch->manifest->frames[frame]->length;
        fetch->end = stretch->to;
        if (!fetch_rest(fetch, err))
                return false;
        for (; frame < stretch->end; frame++)
                if (!has_frame(fetch, fetch->manifest->frames[frame], packed, content))
                        return error_set(
                                err, ERROR_INVALID, "package %.12s is damaged: frame %zu of its pack",
                                fetch->spec->manifest_sha256, frame);
        return true;
}

static bool fetch_parts(Fetch *fetch, Error **err) {
        const PackPlan *plan = fetch->spec->plan;
        PackStretch stretch = { 0 };
        uint64_t passed = 0;

        fetch->total = plan->fetch_bytes;
        while (pack_plan_next(plan, fetch->manifest, stretch.end, &stretch)) {
                fetch->before = passed - stretch.from; /* wraps, and back when done is added */
                if (!fetch_stretch(fetch, &stretch, err))
                        return false;
                passed += stretch.to - stretch.from;
        }
        return true;
}

bool fetch_pack(
        const FetchSpec *spec, const Ghost__ManifestReply *reply, const Ghost__Manifest *manifest,
        const char *file, uint64_t *ret_fetched, Error **err) {
        CLEANUP(file_close) int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", file, strerror(errno));

        Fetch fetch = { .spec = spec,
                        .manifest = manifest,
                        .fd = fd,
                        .end = manifest->pack_bytes,
                        .total = manifest->pack_bytes,
                        .hash = spec->plan ? NULL : sha256_new() };
        set_url(&fetch, reply);
        bool ok = spec->plan ? fetch_parts(&fetch, err) : fetch_whole(&fetch, err);
        set_url(&fetch, NULL);
        sha256_free(fetch.hash);
        *ret_fetched = fetch.fetched;
        return ok;
}
