/* What a job is asked for beyond its command: options by position, all strings. */
#pragma once

#include <stddef.h>

#include "json/document.h"

/* Trailing ones that were not given (NULL) are left out, the others are sent empty. */
Document *run_options(const char *const *values, size_t count);

#define SAFE_STRATEGIES "1by1|1/3|25%|50%"
#define STRATEGY_OPTIONS                                                                                     \
        { "strategy", 0, "serial|parallel", "One instance after the other, or all at once (serial)" }, {     \
                "safe-deploy-strategy", 0, SAFE_STRATEGIES,                                                  \
                        "In groups, each out of its load balancer (none)"                                    \
        }
