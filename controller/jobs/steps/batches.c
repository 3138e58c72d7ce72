#include "jobs/steps/batches.h"

static size_t divide_up(size_t hosts, size_t each) {
        return (hosts + each - 1) / each;
}

/* Of this many hosts; 1: all at once. */
static size_t count_of(SafeStrategy strategy, size_t hosts) {
        switch (strategy.kind) {
        case SAFE_NONE:
                return 1;
        case SAFE_ONE:
                return hosts;
        case SAFE_PARTS:
                return hosts < strategy.number ? 1 : strategy.number;
        case SAFE_COUNT:
                return divide_up(hosts, strategy.number);
        case SAFE_PERCENT:
                return divide_up(hosts, divide_up(hosts * strategy.number, 100));
        }
        return 1;
}

static size_t hosts_needed(SafeStrategy strategy) {
        size_t hosts = 2;

        while (count_of(strategy, hosts) < 2)
                hosts++;
        return hosts;
}

bool batches_count(SafeStrategy strategy, size_t host_count, size_t *ret, Error **err) {
        *ret = host_count > 0 ? count_of(strategy, host_count) : 1;
        if (strategy.kind == SAFE_NONE || *ret > 1)
                return true;
        return error_set(
                err, ERROR_INVALID,
                "Cannot continue, not enought instances to perform the safe deployment: it needs %zu, there "
                "%s %zu",
                hosts_needed(strategy), host_count == 1 ? "is" : "are", host_count);
}
