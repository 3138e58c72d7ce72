/* JSON as tests write it, with ' for ". */
#pragma once

#include <string.h>

#include "base/memory.h"
#include "harness/ghost_test.h"
#include "json/document.h"

/* Caller frees. */
static inline char *json_text(const char *text) {
        char *copy = xstrdup(text);

        for (char *c = copy; *c; c++)
                if (*c == '\'')
                        *c = '"';
        return copy;
}

/* Caller frees. */
static inline Document *json_of(const char *text) {
        CLEANUP(free) char *copy = json_text(text);
        CLEANUP(error_free) Error *problem = NULL;
        Document *document = document_parse(copy, strlen(copy), &problem);

        if (!document)
                fail_msg("%s: %s", text, error_message(problem));
        return document;
}
