#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A hundred thousand steps back are a few milliseconds; honest expressions need a few hundred. */
enum { STEPS_MAX = 100000, DEPTH_MAX = 10000, HEAP_MAX_KIB = 4096, NESTING_MAX = 50, REASON_MAX = 256 };

struct Pattern {
        pcre2_code *code;
        _Atomic(pcre2_match_data *) spare; /* it keeps the room that matching took */
        pcre2_match_context *limits;
};

static void *or_abort(void *pointer) {
        if (!pointer)
                abort();
        return pointer;
}

static bool compile(const char *expression, Pattern *pattern, Error **err) {
        pcre2_compile_context *context = or_abort(pcre2_compile_context_create(NULL));
        char reason[REASON_MAX] = "";
        size_t where = 0;
        int code = 0;

        (void) pcre2_set_parens_nest_limit(context, NESTING_MAX);
        pattern->code = pcre2_compile(
                (PCRE2_SPTR) expression, PCRE2_ZERO_TERMINATED,
                PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &where, context);
        pcre2_compile_context_free(context);
        if (pattern->code)
                return true;
        (void) pcre2_get_error_message(code, (PCRE2_UCHAR *) reason, sizeof(reason));
        return error_set(err, ERROR_INVALID, "%s at position %zu", reason, where);
}

Pattern *pattern_new(const char *expression, Error **err) {
        CLEANUP(pattern_free) Pattern *pattern = xcalloc(1, sizeof(*pattern));

        if (strlen(expression) > PATTERN_MAX_BYTES) {
                (void) error_set(err, ERROR_INVALID, "longer than %d bytes", PATTERN_MAX_BYTES);
                return NULL;
        }
        if (!compile(expression, pattern, err))
                return NULL;
        pattern->limits = or_abort(pcre2_match_context_create(NULL));
        (void) pcre2_set_match_limit(pattern->limits, STEPS_MAX);
        (void) pcre2_set_depth_limit(pattern->limits, DEPTH_MAX);
        (void) pcre2_set_heap_limit(pattern->limits, HEAP_MAX_KIB);
        return TAKE(pattern);
}

void pattern_free(Pattern *pattern) {
        if (!pattern)
                return;
        pcre2_match_data_free(pattern->spare);
        pcre2_code_free(pattern->code);
        pcre2_match_context_free(pattern->limits);
        free(pattern);
}

PatternResult pattern_match(const Pattern *pattern, const char *text, size_t length) {
        Pattern *shared = (Pattern *) pattern; /* only for what is spare, which is anybody's */
        pcre2_match_data *data = atomic_exchange(&shared->spare, NULL);
        if (!data)
                data = or_abort(pcre2_match_data_create(1, NULL));
        int result =
                pcre2_match(pattern->code, (PCRE2_SPTR) text, length, 0, PCRE2_NO_JIT, data, pattern->limits);

        pcre2_match_data_free(atomic_exchange(&shared->spare, data));
        if (result >= 0) /* 0: matched, with more groups than asked for */
                return PATTERN_FOUND;
        bool given_up = result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
                        result == PCRE2_ERROR_HEAPLIMIT || result == PCRE2_ERROR_NOMEMORY;
        return given_up ? PATTERN_TOO_COSTLY : PATTERN_MISSES;
}

bool pattern_matches(const Pattern *pattern, const char *text, size_t length) {
        return pattern_match(pattern, text, length) == PATTERN_FOUND;
}
