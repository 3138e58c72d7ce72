/* Instances that AWS gave up by itself, because their lifecycle hook ran out before anybody completed it:
 * they never joined, or their bootstrap lasted too long. They count for the breaker like every other failure.
 * Which they are stands in the group's scaling activities alone ("Heartbeat Timeout"); those are asked for
 * when an instance leaves of which nothing was decided. For group_round.c. */
#pragma once

#include "groups/group_round.h"

/* known: the documents of the application's instances of groups. Each is counted once. */
bool hook_timeouts_count(const GroupRound *round, const Document *known, Error **err);
