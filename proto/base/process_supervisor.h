/* The small process between process_run() and the program it runs. Included by process.c and
 * process_supervisor.c, by nobody else.
 *
 * It is forked from a process with threads, so it may only make system calls: everything it needs is prepared
 * in the plan. Being a subreaper, it inherits whatever the program leaves behind, daemons too, and ends it.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ProcessPlan {
        const char *path;
        char *const *argv;
        char *const *environment;
        const char *folder;
        int64_t uid, gid;
        int64_t grace_ms;
        int input, output, error; /* the program's standard descriptors */
        int control;              /* the supervisor's end of the socket to the caller */
        pid_t caller;
} ProcessPlan;

/* Caller to supervisor, one byte: end the program, TERM first. The end of the stream means: KILL at once. */
enum { PROCESS_ORDER_END = 'E' };

typedef enum ProcessStep { STEP_PREPARE, STEP_FOLDER, STEP_USER, STEP_EXECUTE } ProcessStep;

/* Supervisor (and, for REPORT_NOT_RUN, the child before its exec) to caller, one packet each. */
typedef struct ProcessReport {
        enum {
                REPORT_NOT_RUN, /* value: errno, step: where */
                REPORT_ENDED,   /* the program: value is its wait status */
                REPORT_DONE,    /* nothing of it is left; value: how many survivors were ended */
        } kind;
        int value;
        ProcessStep step;
} ProcessReport;

/* In the fork; does not return. All signals are blocked. */
_Noreturn void process_supervise(const ProcessPlan *plan);
