/* What a check found: that something is well, or what is wrong and what to do about it. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/names.h"

typedef enum FindingLevel { FINDING_OK, FINDING_WARNING, FINDING_PROBLEM, FINDING_LEVEL_COUNT } FindingLevel;
extern const Names finding_level_names; /* "ok", "warning", "problem" */

typedef struct Finding {
        FindingLevel level;
        const char *check; /* its name */
        char *what;
        const char *remedy; /* NULL when it is well */
} Finding;

typedef struct Findings {
        const char *check; /* that is running */
        Finding *items;
        size_t count;
} Findings;
void findings_clear(Findings *findings);
static inline void findings_clearp(Findings *findings) {
        findings_clear(findings);
}

void finding_good(Findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_warning(Findings *findings, const char *remedy, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void finding_problem(Findings *findings, const char *remedy, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
FindingLevel findings_worst(const Findings *findings);
