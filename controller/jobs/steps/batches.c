#include "jobs/steps/batches.h"

#include "base/text.h"

typedef struct Strategy {
        const char *name;
        size_t parts; /* 0: as many as there are hosts */
        size_t hosts_min;
} Strategy;

static const Strategy strategies[] = {
        { "1by1", 0, 2 },
        { "50%", 2, 2 },
        { "1/3", 3, 3 },
        { "25%", 4, 4 },
};

bool batches_count(const char *strategy, size_t host_count, size_t *ret, Error **err) {
        *ret = 1;
        if (text_empty(strategy))
                return true;
        for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
                if (!text_equal(strategies[i].name, strategy))
                        continue;
                if (host_count < strategies[i].hosts_min)
                        return error_set(
                                err, ERROR_INVALID,
                                "Cannot continue, not enought instances to perform the safe deployment: %s "
                                "needs %zu, there are %zu",
                                strategy, strategies[i].hosts_min, host_count);
                *ret = strategies[i].parts > 0 ? strategies[i].parts : host_count;
                return true;
        }
        return error_set(
                err, ERROR_INVALID,
                "strategy '%s' is unknown: 1by1, 1/3, 25%% or 50%%, or none for all at once", strategy);
}
