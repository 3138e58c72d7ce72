/* Gets a package: the manifest, believed only with the release key's signature, and the pack, by ranges into
 * a file that survives a lost link and a restart and is continued where it ended. A pack that the manifest's
 * reply has a URL for comes from there; whatever goes wrong with that, the link is asked instead. Blocks. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "release/pack_plan.h"
#include "wire/ghost.pb-c.h"

/* Where packages come from: the link in the agent, a folder in tests. Each call blocks and answers one
 * request; UNAVAILABLE means that asking again later may help. */
typedef struct PackageSource {
        bool (*get_manifest)(
                void *context, const char *manifest_sha256, Ghost__ManifestReply **ret, Error **err);
        bool (*get_pack)(
                void *context, const Ghost__PackRequest *request, Ghost__PackData **ret, Error **err);
        void *context;
} PackageSource;

typedef struct FetchSpec {
        const PackageSource *source;
        const char *manifest_sha256;
        const char *module; /* the manifest must be of it */
        const uint8_t *release_key;
        const char *download_ca; /* PEM file: who may vouch for the URL's server; NULL: the system's */
        Deadline deadline;
        const atomic_bool *cancelled;
        void (*on_progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
        void *context;
        const PackPlan *plan; /* of fetch_pack(): only what it needs is fetched; NULL: all */
} FetchSpec;

/* Checked: hash, signature, module, target path, every path and link in it. Caller frees both. */
bool fetch_manifest(
        const FetchSpec *spec, Ghost__ManifestReply **ret_reply, Ghost__Manifest **ret_manifest, Error **err);
/* The same checks for a manifest kept on disk. */
Ghost__Manifest *fetch_check_manifest(const FetchSpec *spec, const Ghost__ManifestReply *reply, Error **err);

/* Fills the file; returns only when the whole is what the manifest's hash says. reply: the manifest's. With a
 * plan the needed frames stand in it where they stand in the pack, with holes between; each can be unpacked,
 * but only the hashes of the files tell that they are right. */
bool fetch_pack(
        const FetchSpec *spec, const Ghost__ManifestReply *reply, const Ghost__Manifest *manifest,
        const char *file, uint64_t *ret_fetched, Error **err);
