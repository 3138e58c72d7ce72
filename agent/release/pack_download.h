/* Reads pieces of a pack from a URL, by HTTP ranges. The URL is a secret: neither logged nor part of a
 * message. Blocks. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

typedef struct PackDownloadSpec {
        const char *ca_file; /* PEM of the authorities to trust; NULL: the system's */
        Deadline deadline;
        const atomic_bool *cancelled;
        /* The bytes in order, as they come; false ends the download. */
        bool (*take)(void *context, const void *bytes, size_t length, Error **err);
        void *context;
} PackDownloadSpec;

typedef struct PackDownload PackDownload;

PackDownload *pack_download_new(const PackDownloadSpec *spec);
void pack_download_free(PackDownload *download);
CLEANUP_DEFINE(PackDownload, pack_download_free);

typedef enum PackDownloadResult {
        PACK_DOWNLOAD_GOOD,  /* the whole piece was taken */
        PACK_DOWNLOAD_AGAIN, /* no connection, cut, or a server in trouble; some of it may have been taken */
        PACK_DOWNLOAD_REFUSED, /* the URL is no longer good, or never was */
        PACK_DOWNLOAD_USELESS, /* asking again will not help: not there, no ranges, an answer that is no pack
                                */
        PACK_DOWNLOAD_STOPPED, /* by take(), a cancel or the deadline */
} PackDownloadResult;

/* *err is set for all but GOOD. */
PackDownloadResult pack_download_range(
        PackDownload *download, const char *url, uint64_t offset, uint64_t length, Error **err);
