/* What is in a text and what is not; NULL holds nothing. */
#pragma once

#include <string.h>

#include "harness/ghost_test.h"

static inline void assert_has(const char *text, const char *words) {
        if (!text || !strstr(text, words))
                fail_msg("'%s' is not in: %s", words, text ? text : "(nothing)");
}

static inline void assert_has_not(const char *text, const char *words) {
        if (text && strstr(text, words))
                fail_msg("'%s' is in: %s", words, text);
}
