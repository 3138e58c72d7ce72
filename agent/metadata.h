/* The EC2 instance metadata service, version 2: a session token by PUT, then GETs with it. Blocks;
 * not thread-safe. */
#pragma once

#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

typedef struct Metadata Metadata;

/* endpoint: "http://169.254.169.254" or "http://127.0.1.5:1338". */
Metadata *metadata_new(const char *endpoint, Error **err);
void metadata_free(Metadata *metadata);
CLEANUP_DEFINE(Metadata, metadata_free);

/* path: "meta-data/instance-id", "user-data". 404 is NOT_FOUND, no answer UNAVAILABLE. Caller frees the
 * NUL-terminated body. */
bool metadata_get(
        Metadata *metadata, const char *path, Deadline deadline, char **ret, size_t *ret_length, Error **err);
