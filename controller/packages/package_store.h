/* Where packages are kept: a table of functions, so that a folder and a bucket look the same. A package is
 * named by the SHA-256 (hex) of its packed manifest and never changes. Thread-safe; calls block. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct StoredManifest {
        void *manifest;
        size_t manifest_length;
        void *signature;
        size_t signature_length;
} StoredManifest;
void stored_manifest_clear(StoredManifest *stored);
static inline void stored_manifest_clearp(StoredManifest *stored) {
        stored_manifest_clear(stored);
}

typedef struct PackageStore PackageStore;

typedef struct PackageStoreFunctions {
        /* Moves or copies pack_file in. After it returns true, all three parts survive a power failure. */
        bool (*put)(
                PackageStore *store, const char *sha256, const StoredManifest *manifest,
                const char *pack_file, Error **err);
        bool (*get_manifest)(PackageStore *store, const char *sha256, StoredManifest *ret, Error **err);
        /* Up to length bytes from offset on; fewer at the end. */
        bool (*read)(
                PackageStore *store, const char *sha256, uint64_t offset, void *ret, size_t length,
                size_t *ret_length, Error **err);
        bool (*remove)(PackageStore *store, const char *sha256, Error **err);
        /* See package_store_presign(); NULL: it has no URLs. */
        bool (*presign)(
                PackageStore *store, const char *sha256, int64_t expires_s, char **ret_url,
                int64_t *ret_expires_us, Error **err);
        /* What it remembers of a package is read anew; NULL: it remembers nothing. */
        void (*forget)(PackageStore *store, const char *sha256);
        void (*free)(PackageStore *store);
} PackageStoreFunctions;

struct PackageStore {
        const PackageStoreFunctions *functions;
};

/* sha256 that is not 64 lowercase hex digits: INVALID. Not there: NOT_FOUND. Damaged: INTERNAL. */
bool package_store_put(
        PackageStore *store, const char *sha256, const StoredManifest *manifest, const char *pack_file,
        Error **err);
bool package_store_get_manifest(PackageStore *store, const char *sha256, StoredManifest *ret, Error **err);
bool package_store_read(
        PackageStore *store, const char *sha256, uint64_t offset, void *ret, size_t length,
        size_t *ret_length, Error **err);
/* Absent is success. */
bool package_store_remove(PackageStore *store, const char *sha256, Error **err);
/* Whether all of it is there and is what its name, its signature and its manifest say. Reads everything. */
bool package_store_verify(PackageStore *store, const char *sha256, const uint8_t *public_key, Error **err);
/* A URL that gets the pack by HTTP ranges for expires_s seconds at most; NULL in *ret_url: this store has
 * none. A secret: never to be logged. Caller frees. */
bool package_store_presign(
        PackageStore *store, const char *sha256, int64_t expires_s, char **ret_url, int64_t *ret_expires_us,
        Error **err);
/* The pack as one file, for a reader on this machine. */
bool package_store_copy_pack(PackageStore *store, const char *sha256, const char *to_file, Error **err);

void package_store_free(PackageStore *store);
CLEANUP_DEFINE(PackageStore, package_store_free);

/* folder/<2 digits>/<sha256>.{manifest,signature,pack}. */
PackageStore *directory_package_store_new(const char *folder, Error **err);
