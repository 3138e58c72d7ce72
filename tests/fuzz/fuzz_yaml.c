/* What is read can be written, and reads as the same again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "yaml/yaml_document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(document_free) Document *read = yaml_read((const char *) data, size, &problem);
        CLEANUP(document_free) Document *again = NULL;
        char *text = NULL;
        size_t length = 0;

        if (!read)
                return 0;

        FILE *out = open_memstream(&text, &length);
        if (!out || !yaml_print(read, out, &problem) || fclose(out) != 0)
                abort();
        again = yaml_read(text, length, &problem);
        if (!again || !document_equal(read, again))
                abort();
        free(text);
        return 0;
}
