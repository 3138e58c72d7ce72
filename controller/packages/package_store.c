#include "packages/package_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "package/manifest.h"
#include "package/signing.h"

enum { READ_BYTES = 4 << 20 }; /* of a bucket each read is a request */

void stored_manifest_clear(StoredManifest *stored) {
        free(stored->manifest);
        free(stored->signature);
        *stored = (StoredManifest){ 0 };
}

/* The name becomes part of a path. */
static bool check_name(const char *sha256, Error **err) {
        return (strlen(sha256) == SHA256_HEX && strspn(sha256, "0123456789abcdef") == SHA256_HEX) ||
               error_set(err, ERROR_INVALID, "'%.80s' is not the name of a package", sha256);
}

bool package_store_put(
        PackageStore *store, const char *sha256, const StoredManifest *manifest, const char *pack_file,
        Error **err) {
        return check_name(sha256, err) && store->functions->put(store, sha256, manifest, pack_file, err);
}

bool package_store_get_manifest(PackageStore *store, const char *sha256, StoredManifest *ret, Error **err) {
        return check_name(sha256, err) && store->functions->get_manifest(store, sha256, ret, err);
}

bool package_store_read(
        PackageStore *store, const char *sha256, uint64_t offset, void *ret, size_t length,
        size_t *ret_length, Error **err) {
        return check_name(sha256, err) &&
               store->functions->read(store, sha256, offset, ret, length, ret_length, err);
}

bool package_store_remove(PackageStore *store, const char *sha256, Error **err) {
        return check_name(sha256, err) && store->functions->remove(store, sha256, err);
}

bool package_store_presign(
        PackageStore *store, const char *sha256, int64_t expires_s, char **ret_url, int64_t *ret_expires_us,
        Error **err) {
        if (!check_name(sha256, err))
                return false;
        if (store->functions->presign)
                return store->functions->presign(store, sha256, expires_s, ret_url, ret_expires_us, err);
        *ret_url = NULL;
        return true;
}

void package_store_free(PackageStore *store) {
        if (store)
                store->functions->free(store);
}

/* Hands every piece of the pack to take(), in order. */
static bool read_pack(
        PackageStore *store, const char *sha256, bool (*take)(void *, const void *, size_t, Error **),
        void *context, Error **err) {
        CLEANUP(free) uint8_t *bytes = xcalloc(1, READ_BYTES);
        uint64_t offset = 0;

        for (size_t got = 1; got > 0; offset += got) {
                if (!package_store_read(store, sha256, offset, bytes, READ_BYTES, &got, err))
                        return false;
                if (got > 0 && !take(context, bytes, got, err))
                        return false;
        }
        return true;
}

static bool take_hash(void *context, const void *bytes, size_t length, Error **err) {
        (void) err;
        sha256_update(context, bytes, length);
        return true;
}

static bool take_file(void *context, const void *bytes, size_t length, Error **err) {
        return file_write_all(*(int *) context, bytes, length, err);
}

static bool verify_pack(
        PackageStore *store, const char *sha256, const Ghost__Manifest *manifest, Error **err) {
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        uint8_t digest[SHA256_BYTES];

        if (!read_pack(store, sha256, take_hash, hash, err))
                return false;
        sha256_finish(hash, digest);
        return memcmp(digest, manifest->pack_sha256.data, SHA256_BYTES) == 0 ||
               error_set(err, ERROR_INTERNAL, "package %.12s is damaged: its pack has not its hash", sha256);
}

bool package_store_verify(PackageStore *store, const char *sha256, const uint8_t *public_key, Error **err) {
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };

        if (!check_name(sha256, err))
                return false;
        if (store->functions->forget)
                store->functions->forget(store, sha256);
        if (!package_store_get_manifest(store, sha256, &stored, err))
                return false;
        CLEANUP(free) char *digest = crypto_sha256_hex(stored.manifest, stored.manifest_length);
        if (!text_equal(digest, sha256))
                return error_set(err, ERROR_INTERNAL, "package %.12s is damaged: its manifest", sha256);
        if (stored.signature_length != ED25519_SIGNATURE_BYTES ||
            !manifest_signature_valid(public_key, stored.manifest, stored.manifest_length, stored.signature))
                return error_set(
                        err, ERROR_INTERNAL, "package %.12s is not signed by this controller's release key",
                        sha256);

        Ghost__Manifest *manifest = manifest_unpack(stored.manifest, stored.manifest_length, err);
        if (!manifest)
                return error_prefix(err, "package %.12s", sha256);
        bool ok = verify_pack(store, sha256, manifest, err);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok;
}

bool package_store_copy_pack(PackageStore *store, const char *sha256, const char *to_file, Error **err) {
        CLEANUP(file_close)
        int file = open(to_file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (file < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot write %s: %m", to_file);
        if (read_pack(store, sha256, take_file, &file, err))
                return true;
        unlink(to_file);
        return false;
}
