#include "http/range.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static bool parse_number(const char *word, uint64_t *ret) {
        CLEANUP(error_free) Error *ignored = NULL;

        return text_parse_uint(word, 0, UINT64_MAX / 2, ret, &ignored);
}

/* "-N": the last N bytes. */
static RangeResult parse_suffix(const char *word, uint64_t size, uint64_t *ret_first, uint64_t *ret_last) {
        uint64_t count;

        if (!parse_number(word, &count))
                return RANGE_WHOLE;
        if (count == 0 || size == 0)
                return RANGE_UNSATISFIABLE;
        *ret_first = count < size ? size - count : 0;
        *ret_last = size - 1;
        return RANGE_PART;
}

RangeResult range_parse(const char *header, uint64_t size, uint64_t *ret_first, uint64_t *ret_last) {
        uint64_t first, last = UINT64_MAX;

        if (!header || !text_starts_with(header, "bytes="))
                return RANGE_WHOLE;
        CLEANUP(free) char *word = text_trim(header + strlen("bytes="));
        char *dash = strchr(word, '-');
        if (!dash || strchr(word, ','))
                return RANGE_WHOLE;
        *dash = '\0';
        if (dash == word)
                return parse_suffix(dash + 1, size, ret_first, ret_last);

        if (!parse_number(word, &first) || (dash[1] && !parse_number(dash + 1, &last)) || last < first)
                return RANGE_WHOLE;
        if (first >= size)
                return RANGE_UNSATISFIABLE;
        *ret_first = first;
        *ret_last = last < size ? last : size - 1;
        return RANGE_PART;
}
