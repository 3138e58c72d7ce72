/* How far a run over the instances is, for those who watch the job. */
#include <stdio.h>

#include "jobs/steps/fleet_state.h"

/* What is done on it stands, as far as this run of the controller knows. */
static bool is_done(const Fleet *fleet, size_t index) {
        const FleetInstance *one = &fleet->items[index];

        if (one->gone || one->failed || one->back || one->stuck)
                return false;
        return index < fleet_first(fleet, fleet->at) || (one->task.finished && one->task.ok);
}

void fleet_show(const Fleet *fleet, const AgentTask *running, size_t count, bool now) {
        JobProgress progress = { .batches = fleet->batches, .total = fleet->unreachable.count };

        (void) snprintf(
                progress.phase, sizeof(progress.phase), "%s%s", fleet->going_back ? "Going back: " : "",
                fleet->spec->action->words.doing);
        progress.batch = fleet->at < fleet->batches ? fleet->at + 1 : fleet->batches;
        progress.failed = fleet->unreachable.count;
        for (size_t i = 0; i < fleet->count; i++) {
                progress.total += !fleet->items[i].gone;
                progress.done += is_done(fleet, i);
                progress.failed += !fleet->items[i].gone && fleet->items[i].failed;
        }
        for (size_t i = 0; i < count; i++) {
                progress.done += running[i].finished && running[i].ok;
                progress.failed += running[i].finished && !running[i].ok;
        }
        job_progress_set(fleet->job, &progress, now);
}

void fleet_show_tasks(void *fleet, const AgentTask *tasks, size_t count) {
        fleet_show(fleet, tasks, count, false);
}
