/* One instance of a group on its way into service; for group_round.c. What has been done stands in the
 * instance's document
 * ("lifecycle"), written before and after each step, so that the way goes on after a restart. */
#pragma once

#include "groups/group_round.h"

/* instance: its document. False: something could not be looked at or done now; it is tried again in the next
 * round. */
bool member_advance(
        const GroupRound *round, const AsgInstance *member, const Document *instance, Error **err);
