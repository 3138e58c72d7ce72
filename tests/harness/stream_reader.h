/* Reads what a response streams, as the HTTP server would. */
#pragma once

#include "base/memory.h"
#include "base/text.h"
#include "harness/ghost_test.h"
#include "http/response.h"

/* Everything the stream says until it waits or ends, in small pieces. */
static inline char *stream_drain(Response *response, StreamRead *ret_last) {
        CLEANUP(text_clear) Text said = { 0 };
        char buffer[7];
        size_t length = 0;

        while ((*ret_last = response->stream.read(
                        response->stream.context, buffer, sizeof(buffer), &length)) == STREAM_DATA)
                text_append_bytes(&said, buffer, length);
        return text_take(&said);
}

static inline void assert_streams(Response *response, const char *expected, StreamRead last) {
        StreamRead result;
        CLEANUP(free) char *said = stream_drain(response, &result);

        assert_string_equal(said, expected);
        assert_int_equal(result, last);
}
