/* Instances that AWS takes back while something is done on the others: that is nobody's failure. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/fleet_state.h"
#include "jobs/steps/job_ec2.h"
#include "jobs/steps/taken_away.h"
#include "store/instance_store.h"

static bool is_announced(JobContext *job, const char *instance_id) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        return instance_store_find(job->services->store, instance_id, &instance, &ignored) && instance &&
               instance_is_interrupted(instance);
}

static bool is_taken_away(JobContext *job, const FleetInstance *one) {
        bool expected = one->task.kind == ERROR_CANCELLED || is_announced(job, one->id);

        if (!job->services->aws)
                return false;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        job_ec2_init(&ec2, job);
        return instance_taken_away(&ec2.session, one->id, expected ? TAKEN_AWAY_PATIENCE_MS : 0);
}

void fleet_leave_out(Fleet *fleet, const char *id, const char *why) {
        job_log(fleet->job, "%s is left out: %s", id, why);
        string_list_addf(&fleet->left_out, "%s (%s)", id, why);
}

bool fleet_is_interrupted(Fleet *fleet, FleetInstance *one) {
        if (!is_announced(fleet->job, one->id))
                return false;
        one->gone = true;
        fleet_leave_out(fleet, one->id, FLEET_INTERRUPTED);
        return true;
}

bool fleet_is_lost(Fleet *fleet, FleetInstance *one) {
        if (one->task.ok || !is_taken_away(fleet->job, one))
                return false;
        one->gone = true;
        fleet_leave_out(fleet, one->id, "AWS took it away");
        return true;
}
