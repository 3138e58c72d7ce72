/* One HTTP/1.x answer, read as it comes: status and body. No copies, no state: the same bytes and more are
 * looked at again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

typedef enum HttpAnswerState {
        HTTP_ANSWER_WHOLE,
        HTTP_ANSWER_MORE, /* it goes on; never when ended */
        HTTP_ANSWER_BAD,  /* *err says why */
} HttpAnswerState;

/* ended: the server has closed, nothing follows. The body is appended to *body when the answer is whole. */
HttpAnswerState http_answer_read(
        const char *bytes, size_t length, bool ended, int *ret_status, Text *body, Error **err);
