#include "run_options.h"

#include <stdlib.h>

#include "base/memory.h"

Document *run_options(const char *const *values, size_t count) {
        Document *options = document_array();

        while (count > 0 && !values[count - 1])
                count--;
        for (size_t i = 0; i < count; i++)
                document_append(options, document_string(values[i] ? values[i] : ""));
        return options;
}

static void add_named(const Arguments *arguments, const char *typed, const char *name, Document *options) {
        const char *value = arguments_value(arguments, typed);
        CLEANUP(free) char *option = value ? xasprintf("%s=%s", name, value) : NULL;

        if (option)
                document_append(options, document_string(option));
}

void run_options_add_failures(const Arguments *arguments, Document *options) {
        add_named(arguments, "min-healthy", "min_healthy", options);
        add_named(arguments, "max-failures", "max_failures", options);
}

void run_options_add_rollback(const Arguments *arguments, Document *options) {
        if (arguments_given(arguments, "rollback"))
                document_append(options, document_string("rollback=all"));
}

void run_options_add_approve(const Arguments *arguments, Document *options) {
        add_named(arguments, "approve", "approve", options);
}
