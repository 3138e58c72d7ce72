/* A job's memory and log, for steps that ask no agent. */
#pragma once

#include "base/memory.h"
#include "harness/ghost_test.h"
#include "harness/job_memory.h"
#include "jobs/steps/ec2_work.h"

typedef struct WorkCase {
        Ec2Work work;
        JobMemory memory;
        Text log;
} WorkCase;

static inline bool work_case_remember(void *context, const char *step, const char *value, Error **err) {
        WorkCase *test = context;

        (void) err;
        job_memory_put(&test->memory, step, value);
        return true;
}

static inline bool work_case_recall(void *context, const char *step, char **ret, Error **err) {
        WorkCase *test = context;

        (void) err;
        *ret = job_memory_get(&test->memory, step);
        return true;
}

static inline void work_case_log(void *context, const char *line) {
        WorkCase *test = context;

        text_appendf(&test->log, "%s\n", line);
}

static inline void work_case_start(WorkCase *test, AwsSession *session) {
        *test = (WorkCase){ 0 };
        test->work = (Ec2Work){ .context = test,
                                .session = session,
                                .job_id = "aaaaaaaaaaaaaaaaaaaaaaa1",
                                .log = work_case_log,
                                .remember = work_case_remember,
                                .recall = work_case_recall };
}

static inline void work_case_clearp(WorkCase *test) {
        job_memory_clear(&test->memory);
        text_clear(&test->log);
}
