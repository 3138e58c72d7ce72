/* Whatever block comes: what is taken can be written again and reads the same, and leads nowhere else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backup/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        uint8_t block[TAR_BLOCK_BYTES] = { 0 };
        TarEntry entry, again;
        bool end = false;

        memcpy(block, data, size < sizeof(block) ? size : sizeof(block));
        if (!tar_header_read(block, &entry, &end, &problem) || end)
                return 0;
        if (!tar_path_is_safe(entry.path))
                abort();
        if (!tar_header_make(&entry, 0, block, &problem))
                return 0;
        if (!tar_header_read(block, &again, &end, &problem) || end || strcmp(entry.path, again.path) != 0 ||
            entry.size != again.size || entry.mode != again.mode)
                abort();
        return 0;
}
