#include "check/finding.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"

static const char *const words[FINDING_LEVEL_COUNT] = {
        [FINDING_OK] = "ok",
        [FINDING_WARNING] = "warning",
        [FINDING_PROBLEM] = "problem",
};
const Names finding_level_names = NAMES(words);

void findings_clear(Findings *findings) {
        for (size_t i = 0; i < findings->count; i++)
                free(findings->items[i].what);
        free(findings->items);
        *findings = (Findings){ 0 };
}

__attribute__((format(printf, 4, 0))) static void add(
        Findings *findings, FindingLevel level, const char *remedy, const char *format, va_list args) {
        findings->items = xrealloc(findings->items, (findings->count + 1) * sizeof(*findings->items));
        findings->items[findings->count++] = (Finding){
                .level = level, .check = findings->check, .what = xvasprintf(format, args), .remedy = remedy
        };
}

void finding_good(Findings *findings, const char *format, ...) {
        va_list args;

        va_start(args, format);
        add(findings, FINDING_OK, NULL, format, args);
        va_end(args);
}

void finding_warning(Findings *findings, const char *remedy, const char *format, ...) {
        va_list args;

        va_start(args, format);
        add(findings, FINDING_WARNING, remedy, format, args);
        va_end(args);
}

void finding_problem(Findings *findings, const char *remedy, const char *format, ...) {
        va_list args;

        va_start(args, format);
        add(findings, FINDING_PROBLEM, remedy, format, args);
        va_end(args);
}

FindingLevel findings_worst(const Findings *findings) {
        FindingLevel worst = FINDING_OK;

        for (size_t i = 0; i < findings->count; i++)
                if (findings->items[i].level > worst)
                        worst = findings->items[i].level;
        return worst;
}
