/* Instances that are not on the release that is wanted and that no job left there: one whose bootstrap was
 * begun before the release changed and ended when the job had chosen its instances, or one that was away
 * while the job ran. Such a one gets the wanted release, one instance of an application at a time, at most so
 * often, and never while a job of the application runs. What a job did leave on another release stands in the
 * instance's document (store/deviation_store.h) and stays; so does what could not be brought to it. One that
 * serves in a load balancer is taken out of it meanwhile. It works on what the agents report. */
#pragma once

#include "groups/group_watcher.h"
#include "json/document.h"

typedef struct StragglerStop {
        bool (*asked)(void *context); /* the controller stops: what is under way goes on when it is back */
        void *context;
} StragglerStop;

/* One look at the application's instances. What fails for one instance is said in its log. Blocks as long as
 * one leaves its load balancer or comes back (straggler_balancer.h). stop NULL: never. ret_found: whether
 * there was one; if not, there is none until a document has changed. */
bool stragglers_look(
        const GroupWatcherSpec *spec, const Document *app, const StragglerStop *stop, bool *ret_found,
        Error **err);
