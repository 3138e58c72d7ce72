/* What sends work to an application's instances, for a roll-out that takes each batch out of it. One file for
 * each kind. */
#pragma once

#include "base/error.h"
#include "base/text.h"

typedef struct DeployBalancer {
        /* As the log names it: "target group web". */
        void (*describe)(void *context, Text *ret);
        /* Before anything is changed: whether all that it sends work to is in service. */
        bool (*check)(void *context, Error **err);
        /* How many it sends work to, those of except not counted. */
        bool (*count_healthy)(void *context, const StringList *except, size_t *ret, Error **err);
        /* Takes those of the instances out that are in it, once the job remembers under that name what it
         * took, and returns when their connections have ended. The same name again takes out the same. */
        bool (*take_out)(void *context, const char *name, const StringList *ids, Error **err);
        /* What take_out() took under that name and is of these instances is put back as it was; returns when
         * it is in service. TIMEOUT: it is put back, and did not come into service. */
        bool (*put_back)(void *context, const char *name, const StringList *ids, Error **err);
        /* From now on it is the way back: calls work in a job that was cancelled or whose time is up. NULL:
         * nothing is to be done for that. */
        void (*going_back)(void *context);
        int64_t wait_before_ms, wait_after_ms; /* at least, after taking out and before putting back */
        void *context;
} DeployBalancer;
