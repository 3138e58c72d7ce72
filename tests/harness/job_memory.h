/* What a job remembers, for tests of its steps: it outlives the job's runs. */
#pragma once

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

typedef struct JobMemory {
        StringList steps, values; /* of the same number belong together */
} JobMemory;

static inline void job_memory_put(JobMemory *memory, const char *step, const char *value) {
        for (size_t i = 0; i < memory->steps.count; i++)
                if (text_equal(memory->steps.items[i], step)) {
                        free(memory->values.items[i]);
                        memory->values.items[i] = xstrdup(value);
                        return;
                }
        string_list_add(&memory->steps, step);
        string_list_add(&memory->values, value);
}

/* NULL: there is none. Caller frees. */
static inline char *job_memory_get(const JobMemory *memory, const char *step) {
        for (size_t i = 0; i < memory->steps.count; i++)
                if (text_equal(memory->steps.items[i], step))
                        return xstrdup(memory->values.items[i]);
        return NULL;
}

static inline void job_memory_clear(JobMemory *memory) {
        string_list_clear(&memory->steps);
        string_list_clear(&memory->values);
}
