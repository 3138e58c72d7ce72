#include <stddef.h>
#include <stdint.h>

#include "bootstrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(bootstrap_clear) Bootstrap bootstrap = { 0 };
        CLEANUP(error_free) Error *problem = NULL;

        bootstrap_parse_user_data((const char *) data, size, &bootstrap, &problem);
        return 0;
}
