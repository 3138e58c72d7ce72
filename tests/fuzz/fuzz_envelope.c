#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(envelope_free) Ghost__Envelope *envelope = envelope_unpack(data, size, &problem);

        if (!envelope)
                return 0;

        size_t length = 0;
        CLEANUP(free) uint8_t *bytes = envelope_pack(envelope, &length);
        return 0;
}
