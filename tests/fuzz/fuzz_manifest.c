#include <stddef.h>
#include <stdint.h>

#include "package/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        Ghost__Manifest *manifest = manifest_unpack(data, size, &problem);

        if (manifest)
                ghost__manifest__free_unpacked(manifest, NULL);
        return 0;
}
