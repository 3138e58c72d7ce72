/* What keeps the watcher from looking after groups, as of its last look around: a permission that is missing,
 * an AWS that does not answer. One watcher writes, anyone may read. */
#pragma once

#include "base/memory.h"
#include "json/document.h"

typedef struct GroupTroubles GroupTroubles;

GroupTroubles *group_troubles_new(void);
void group_troubles_free(GroupTroubles *troubles);
CLEANUP_DEFINE(GroupTroubles, group_troubles_free);

/* A look around all groups begins; when it has ended, what it did not meet again is over. */
void group_troubles_begin(GroupTroubles *troubles);
void group_troubles_end(GroupTroubles *troubles);
/* instance_id: NULL where it is not about one. */
void group_troubles_tell(
        GroupTroubles *troubles, const Document *app, const char *instance_id, const char *message);
/* A list of {app_id, group, instance_id, trouble, since}; the caller frees it. */
Document *group_troubles_describe(GroupTroubles *troubles);
