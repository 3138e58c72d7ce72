/* A frame of a pack from outside: whatever it holds, exactly the promised length comes out, or nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "package/frame.h"
#include "package/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first three bytes are the length that the manifest promises. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *why = NULL;

        if (size < 3)
                return 0;
        size_t promised =
                ((size_t) data[0] << 16 | (size_t) data[1] << 8 | data[2]) % (FRAME_CONTENT_MAX + 1);
        CLEANUP(free) uint8_t *content = xcalloc(promised + 1, 1);
        (void) frame_decompress(data + 3, size - 3, content, promised, &why);
        return 0;
}
