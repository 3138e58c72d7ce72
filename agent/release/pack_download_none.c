/* For a statically linked agent, which has no HTTP client that speaks TLS: packages come over the link. */
#include <stdlib.h>

#include "base/memory.h"
#include "release/pack_download.h"

struct PackDownload {
        char nothing;
};

PackDownload *pack_download_new(const PackDownloadSpec *spec) {
        (void) spec;
        return xcalloc(1, sizeof(PackDownload));
}

void pack_download_free(PackDownload *download) {
        free(download);
}

PackDownloadResult pack_download_range(
        PackDownload *download, const char *url, uint64_t offset, uint64_t length, Error **err) {
        (void) download;
        (void) url;
        (void) offset;
        (void) length;
        error_set(err, ERROR_UNAVAILABLE, "download: this agent was built without it");
        return PACK_DOWNLOAD_USELESS;
}
