#include <stddef.h>
#include <stdint.h>

#include "notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        for (size_t i = 0; i < NOTICE_SOURCES; i++) {
                CLEANUP(notice_clear) Notice notice = { 0 };
                CLEANUP(error_free) Error *problem = NULL;

                notice_sources[i].parse((const char *) data, size, &notice, &problem);
        }
        return 0;
}
