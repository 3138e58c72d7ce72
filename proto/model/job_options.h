/* The options of a job: those with a place of their own first ("serial", "1by1"), then those with a name
 * ("min_healthy=2"). One reader for REST, the job engine and the command line. */
#pragma once

#include "json/document.h"

/* How the instances are gone through: in batches, one batch after the other. */
typedef enum SafeKind {
        SAFE_NONE,    /* all are one batch */
        SAFE_ONE,     /* "1by1" */
        SAFE_PARTS,   /* "1/3", "25%", "50%": so many parts */
        SAFE_COUNT,   /* "3": batches of at most so many */
        SAFE_PERCENT, /* "10%": batches of at most that share, one at least */
} SafeKind;

typedef struct SafeStrategy {
        SafeKind kind;
        size_t number;
} SafeStrategy;

/* NULL, "" and "None" (as old clients write it): none. INVALID says what is expected. */
bool safe_strategy_read(const char *word, SafeStrategy *ret, Error **err);

/* A number of instances, or a share of them. */
typedef struct Quantity {
        size_t number;
        bool percent;
} Quantity;
/* Of so many instances; a share is rounded up. */
size_t quantity_of(Quantity quantity, size_t all);

typedef enum ExecutionStrategy { EXECUTION_SERIAL, EXECUTION_PARALLEL, EXECUTION_SINGLE } ExecutionStrategy;

/* When the job waits for a person who approves of going on. */
typedef enum ApproveWhen {
        APPROVE_NEVER,
        APPROVE_START, /* before anything is begun */
        APPROVE_FIRST, /* after the first batch */
        APPROVE_EACH,  /* after each batch but the last */
} ApproveWhen;
/* "first"; "" for never. */
const char *approve_word(ApproveWhen when);

/* What a job was asked for; the strings are the options' own, "" when they are not given. */
typedef struct JobOptions {
        const char *deploy_id;       /* redeploy */
        const char *script, *module; /* executescript: base64; whose folder and owner */
        const char *address;         /* executescript with EXECUTION_SINGLE: the instance's */
        ExecutionStrategy execution; /* inside a batch; EXECUTION_SINGLE: executescript alone */
        const char *safe_word;       /* as it was written */
        SafeStrategy safe;           /* recreateinstances: this alone */
        Quantity min_healthy;        /* 0: not given */
        size_t max_failures;         /* instances that may fail before the job stops */
        ApproveWhen approve;
        bool rollback_all;  /* a failure takes the batches already done back too */
        int64_t deadline_s; /* executescript, on each instance; 0: not given */
        const char *user;   /* executescript */
} JobOptions;

/* options may be NULL. INVALID names the option and what is expected; of commands without a table here
 * nothing is said. */
bool job_options_read(const char *command, const Document *options, JobOptions *ret, Error **err);
/* Whether the command has an option of that name. */
bool job_options_knows(const char *command, const char *name);
