/* The Range header of a request for a file: one range of bytes; several at once are answered with the whole.
 */
#pragma once

#include <stdint.h>

typedef enum RangeResult {
        RANGE_WHOLE,         /* no range, or none we understand: the whole file */
        RANGE_PART,          /* [*ret_first, *ret_last], both inside the file */
        RANGE_UNSATISFIABLE, /* 416 */
} RangeResult;

/* header may be NULL. */
RangeResult range_parse(const char *header, uint64_t size, uint64_t *ret_first, uint64_t *ret_last);
