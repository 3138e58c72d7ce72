/* What a job is asked for beyond its command: options by position, all strings. */
#pragma once

#include <stddef.h>

#include "arguments.h"
#include "json/document.h"

/* Trailing ones that were not given (NULL) are left out, the others are sent empty. */
Document *run_options(const char *const *values, size_t count);

/* Behind those the ones with names: what was typed of FAILURE_OPTIONS, ROLLBACK_OPTION and APPROVE_OPTION,
 * each of which must be in the command's table. */
void run_options_add_failures(const Arguments *arguments, Document *options);
void run_options_add_rollback(const Arguments *arguments, Document *options);
void run_options_add_approve(const Arguments *arguments, Document *options);

#define SAFE_STRATEGIES "1by1|1/3|25%|50%|N|N%"
#define STRATEGY_OPTIONS                                                                                     \
        { "strategy", 0, "serial|parallel", "One instance after the other, or all at once (serial)" }, {     \
                "safe-deploy-strategy", 0, SAFE_STRATEGIES,                                                  \
                        "In groups, each out of its load balancer (none)"                                    \
        }
#define FAILURE_OPTIONS                                                                                      \
        { "min-healthy", 0, "N|N%", "Instances that must stay healthy while a group is out (0)" }, {         \
                "max-failures", 0, "COUNT", "Instances that may fail before it stops (0)"                    \
        }
#define ROLLBACK_OPTION                                                                                      \
        { "rollback", 0, NULL, "On a failure, groups that are done go back too" }
#define APPROVE_OPTION                                                                                       \
        {                                                                                                    \
                "approve", 0, "start|first|each",                                                            \
                        "Wait for an approval: before it begins, after the first group, or after each "      \
                        "(none)"                                                                             \
        }
