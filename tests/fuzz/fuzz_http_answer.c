/* What a metadata service, or whoever sits at its address, answers. However it is cut, the parser says the
 * same of the whole. */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "wire/http_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static HttpAnswerState read_part(const uint8_t *data, size_t size, bool ended, size_t *ret_length) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(text_clear) Text body = { 0 };
        int status = 0;
        HttpAnswerState state = http_answer_read((const char *) data, size, ended, &status, &body, &why);

        if ((state == HTTP_ANSWER_BAD) != (why != NULL) || (state == HTTP_ANSWER_MORE && ended) ||
            (state != HTTP_ANSWER_WHOLE && body.length > 0) || body.length > size)
                abort();
        *ret_length = body.length;
        return state;
}

/* The first byte tells whether the server has closed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        size_t whole = 0, half = 0;

        if (size < 1)
                return 0;
        HttpAnswerState state = read_part(data + 1, size - 1, data[0] & 1, &whole);
        HttpAnswerState before = read_part(data + 1, (size - 1) / 2, false, &half);
        /* What was whole stays whole. */
        if (before == HTTP_ANSWER_WHOLE && (state != HTTP_ANSWER_WHOLE || whole != half))
                abort();
        return 0;
}
