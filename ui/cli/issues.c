#include "issues.h"

#include <stdlib.h>

#include "base/memory.h"

static void list(const Document *issues, const char *prefix, Text *text) {
        if (document_is_string(issues))
                text_appendf(text, "\n  %s: %s", prefix, document_value(issues));
        for (size_t i = 0; document_is_array(issues) && i < document_count(issues); i++)
                list(document_at(issues, i), prefix, text);
        if (!document_is_object(issues))
                return;
        for (void *i = document_first(issues); i; i = document_next(issues, i)) {
                CLEANUP(free) char *path = xasprintf("%s%s%s", prefix, *prefix ? "." : "", document_name(i));

                list(document_child(i), path, text);
        }
}

void issues_list(const Document *issues, Text *text) {
        text_append(text, "");
        list(issues, "", text);
}
