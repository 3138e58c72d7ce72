/* Makes small signed packages for tests: one call for each entry, then seal. */
#pragma once

#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "package/frame.h"
#include "package/manifest.h"

typedef struct PackageMaker {
        Ghost__Manifest manifest;
        Ghost__Entry *entries[64];
        Ghost__Frame *frames[64];
        Text content, pack;
        char *sha256; /* of the packed manifest, after sealing */
        uint8_t pack_hash[SHA256_BYTES];
        Ghost__ManifestReply reply;
} PackageMaker;

static inline PackageMaker *package_new(const char *module, const char *path, const char *revision) {
        PackageMaker *package = xcalloc(1, sizeof(*package));

        ghost__manifest__init(&package->manifest);
        ghost__manifest_reply__init(&package->reply);
        package->manifest.format = MANIFEST_FORMAT;
        package->manifest.app_name = (char *) "demo";
        package->manifest.env = (char *) "dev";
        package->manifest.role = (char *) "web";
        package->manifest.module = (char *) module;
        package->manifest.path = (char *) path;
        package->manifest.revision = (char *) revision;
        package->manifest.commit = (char *) "0123456789abcdef";
        package->manifest.entries = package->entries;
        package->manifest.frames = package->frames;
        return package;
}

static inline Ghost__Entry *package_add(PackageMaker *package, const char *path, Ghost__EntryType type) {
        Ghost__Entry *entry = xcalloc(1, sizeof(*entry));

        ghost__entry__init(entry);
        entry->path = xstrdup(path);
        entry->type = type;
        entry->mode = type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER ? 0755 : 0644;
        package->entries[package->manifest.n_entries++] = entry;
        return entry;
}

static inline void package_add_file(
        PackageMaker *package, const char *path, const void *bytes, size_t length) {
        Ghost__Entry *entry = package_add(package, path, GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE);

        entry->size = length;
        entry->sha256.data = xcalloc(1, SHA256_BYTES);
        entry->sha256.len = SHA256_BYTES;
        crypto_sha256(bytes, length, entry->sha256.data);
        text_append_bytes(&package->content, bytes, length);
}

static inline void package_add_text(PackageMaker *package, const char *path, const char *text) {
        package_add_file(package, path, text, strlen(text));
}

static inline void package_hook(ProtobufCBinaryData *hook, const char *script) {
        hook->data = (uint8_t *) xstrdup(script);
        hook->len = strlen(script);
}

static inline void package_make_frames(PackageMaker *package, size_t frame_bytes) {
        for (size_t done = 0; done < package->content.length;) {
                uint8_t *packed = xcalloc(1, FRAME_PACKED_MAX);
                size_t left = package->content.length - done, part = left < frame_bytes ? left : frame_bytes,
                       got = 0;
                Error *err = NULL;
                Ghost__Frame *frame = xcalloc(1, sizeof(*frame));
                if (!frame_compress(package->content.data + done, part, 3, packed, &got, &err))
                        abort();
                ghost__frame__init(frame);
                frame->offset = package->pack.length;
                frame->length = (uint32_t) got;
                frame->content_length = (uint32_t) part;
                package->frames[package->manifest.n_frames++] = frame;
                text_append_bytes(&package->pack, packed, got);
                free(packed);
                done += part;
        }
}

static inline void package_sign(PackageMaker *package, const SigningKey *key) {
        static const char context[] = "ghost-manifest-1";
        CLEANUP(text_clear) Text message = { 0 };
        size_t length = ghost__manifest__get_packed_size(&package->manifest);

        package->reply.manifest.data = xcalloc(1, length + 1);
        package->reply.manifest.len = length;
        ghost__manifest__pack(&package->manifest, package->reply.manifest.data);
        package->sha256 = crypto_sha256_hex(package->reply.manifest.data, length);
        text_append(&message, context);
        text_append_bytes(&message, package->reply.manifest.data, length);
        package->reply.signature.data = xcalloc(1, ED25519_SIGNATURE_BYTES);
        package->reply.signature.len = ED25519_SIGNATURE_BYTES;
        signing_key_sign(key, message.data, message.length, package->reply.signature.data);
}

static inline void package_seal(PackageMaker *package, const SigningKey *key) {
        package_make_frames(package, FRAME_CONTENT_MAX);
        package->manifest.pack_bytes = package->pack.length;
        package->manifest.content_bytes = package->content.length;
        crypto_sha256(package->pack.data ? package->pack.data : "", package->pack.length, package->pack_hash);
        package->manifest.pack_sha256.data = package->pack_hash;
        package->manifest.pack_sha256.len = SHA256_BYTES;
        package_sign(package, key);
}

static inline void package_free(PackageMaker *package) {
        if (!package)
                return;
        for (size_t i = 0; i < package->manifest.n_entries; i++) {
                if (package->entries[i]->target != protobuf_c_empty_string)
                        free(package->entries[i]->target);
                free(package->entries[i]->path);
                free(package->entries[i]->sha256.data);
                free(package->entries[i]);
        }
        for (size_t i = 0; i < package->manifest.n_frames; i++)
                free(package->frames[i]);
        free(package->manifest.pre_deploy.data);
        free(package->manifest.post_deploy.data);
        text_clear(&package->content);
        text_clear(&package->pack);
        free(package->reply.manifest.data);
        free(package->reply.signature.data);
        free(package->sha256);
        free(package);
}
CLEANUP_DEFINE(PackageMaker, package_free);
