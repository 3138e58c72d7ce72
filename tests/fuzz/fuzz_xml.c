/* Whatever AWS, or who stands in its place, answers: reading it neither crashes nor leaks. */
#include <stdint.h>

#include "aws/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(xml_free) Xml *root = NULL;

        if (!xml_parse((const char *) data, size, &root, &error))
                return 0;
        xml_text(root, "Errors/Error/Code");
        for (const Xml *item = xml_first(xml_first(root, NULL), "item"); item; item = xml_next(item, "item"))
                xml_int(item, "instanceState/code");
        return 0;
}
