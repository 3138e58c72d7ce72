#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "run/line_cutter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(text_clear) Text lines = { 0 };
        LineCutter cutter = { 0 };

        line_cutter_feed(&cutter, data, size / 2, &lines);
        line_cutter_feed(&cutter, data + size / 2, size - size / 2, &lines);
        line_cutter_end(&cutter, &lines);
        if (lines.length > 0 &&
            (lines.data[lines.length - 1] != '\n' || !text_is_utf8(lines.data, lines.length)))
                abort();
        return 0;
}
