/* Group watcher: what makes an instance that an Auto Scaling group launched one of the application's, without
 * a job.
 *
 * Every few seconds it looks at the groups of all applications, one call for all that are in the same place.
 * An instance of a group that has joined (agents/admission.h) gets its bootstrap; when that has succeeded,
 * with the releases that are wanted at that moment, its lifecycle hook is completed and only then does the
 * group count it in service. One that fails is abandoned, and after so many in a row the group's breaker
 * opens (store/breaker_store.h). Instances of any application that are not on what is wanted are brought to
 * it (straggler.h), in a thread of its own: that takes as long as connections last. */
#pragma once

#include "aws/aws.h"
#include "base/crypto.h"
#include "jobs/job_log.h"
#include "jobs/task_board.h"
#include "store/store.h"
#include "json/document.h"

typedef struct GroupWatcherSpec {
        Store *store;
        Aws *aws;
        TaskBoard *tasks;
        JobLogs *logs;
        const SigningKey *release_key;
        int64_t interval_ms;
        int64_t ready_timeout_ms; /* for a bootstrap; the hook's heartbeat */
        int64_t hook_timeout_ms;
        uint32_t keep_releases;
        int64_t failures_max;  /* in a row, until the breaker opens */
        int64_t in_service_ms; /* of a straggler that was put back into its load balancer */
        int64_t answer_ms;     /* how long a HAProxy may be out of reach */
} GroupWatcherSpec;            /* what it points to outlives the watcher */

typedef struct GroupWatcher GroupWatcher;

GroupWatcher *group_watcher_start(const GroupWatcherSpec *spec, Error **err);
void group_watcher_stop(GroupWatcher *watcher);
CLEANUP_DEFINE(GroupWatcher, group_watcher_stop);
/* What keeps it from looking after groups, as app_troubles_describe() tells it. Any thread. */
Document *group_watcher_describe_troubles(GroupWatcher *watcher);
