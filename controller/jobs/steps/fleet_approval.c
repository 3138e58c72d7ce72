/* Between batches: whether a person has to approve of the next one. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/approval.h"
#include "jobs/steps/fleet_state.h"

static bool is_asked(const Fleet *fleet) {
        ApproveWhen when = fleet->spec->options->approve;

        return !fleet->worked &&
               ((when == APPROVE_FIRST && fleet->at == 1) || (when == APPROVE_EACH && fleet->at > 0));
}

bool fleet_await_approval(Fleet *fleet, Error **err) {
        size_t next = fleet_first(fleet, fleet->at);

        if (!is_asked(fleet))
                return true;
        CLEANUP(free) char *point = xasprintf("%s.%zu", fleet->spec->action->name, fleet->at);
        CLEANUP(free)
        char *question = xasprintf(
                "%s: batch %zu of %zu is done, %zu of %zu instances are left",
                fleet->spec->action->words.doing, fleet->at, fleet->batches, fleet->count - next,
                fleet->count);
        fleet_show(fleet, NULL, 0, true);
        return approval_await(fleet->job, point, question, err);
}
