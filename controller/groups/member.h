/* One instance of a group on its way into service; for group_round.c. What has been done stands in the
 * instance's document
 * ("lifecycle"), written before and after each step, so that the way goes on after a restart. */
#pragma once

#include "groups/group_round.h"

/* The way of an instance, as its document tells it. */
#define LIFECYCLE_BOOTSTRAPPING "bootstrapping"
#define LIFECYCLE_CONTINUING "continuing" /* it is to be let into service */
#define LIFECYCLE_CONTINUED "continued"
#define LIFECYCLE_ABANDONING "abandoning" /* it is to be given up */
#define LIFECYCLE_ABANDONED "abandoned"

/* instance: its document. False: something could not be looked at or done now; it is tried again in the next
 * round. */
bool member_advance(
        const GroupRound *round, const AsgInstance *member, const Document *instance, Error **err);
