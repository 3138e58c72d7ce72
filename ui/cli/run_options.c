#include "run_options.h"

Document *run_options(const char *const *values, size_t count) {
        Document *options = document_array();

        while (count > 0 && !values[count - 1])
                count--;
        for (size_t i = 0; i < count; i++)
                document_append(options, document_string(values[i] ? values[i] : ""));
        return options;
}
