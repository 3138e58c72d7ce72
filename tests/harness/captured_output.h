/* What a function writes to standard output, for tests of what people read. */
#pragma once

#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "harness/ghost_test.h"

typedef struct CapturedOutput {
        FILE *file;
        int saved;
} CapturedOutput;

static inline CapturedOutput captured_output_start(void) {
        CapturedOutput captured = { .file = tmpfile(), .saved = dup(STDOUT_FILENO) };

        assert_non_null(captured.file);
        (void) fflush(stdout);
        assert_true(dup2(fileno(captured.file), STDOUT_FILENO) >= 0);
        return captured;
}

/* Caller frees. */
static inline char *captured_output_end(CapturedOutput *captured) {
        long length;
        char *text;

        (void) fflush(stdout);
        assert_true(dup2(captured->saved, STDOUT_FILENO) >= 0);
        close(captured->saved);
        assert_int_equal(fseek(captured->file, 0, SEEK_END), 0);
        length = ftell(captured->file);
        assert_true(length >= 0);
        rewind(captured->file);
        text = xcalloc(1, (size_t) length + 1);
        assert_int_equal(fread(text, 1, (size_t) length, captured->file), (size_t) length);
        (void) fclose(captured->file);
        return text;
}
