/* One look at one application's group; for group_watcher.c. */
#pragma once

#include "aws/autoscaling.h"
#include "groups/group_watcher.h"
#include "store/app_troubles.h"
#include "json/document.h"

typedef struct GroupRound {
        const GroupWatcherSpec *spec;
        AwsSession *session; /* of the application's place */
        const Document *app;
        const char *group_name;
        const AutoScalingGroup *group; /* as it is now; NULL: AWS knows none of that name */
        AppTroubles *troubles;         /* NULL: nobody asks */
} GroupRound;

static inline bool group_round_leaves(AsgInstanceState state) {
        return state == ASG_TERMINATING || state == ASG_TERMINATING_WAIT ||
               state == ASG_TERMINATING_PROCEED || state == ASG_TERMINATED;
}

/* What fails for one instance is said in its log, or in the program's and the troubles, and does not keep the
 * others. */
void group_round_run(const GroupRound *round);
