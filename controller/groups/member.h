/* One instance of a group on its way into service; for group_round.c. What has been done stands in the
 * instance's document
 * ("lifecycle"), written before and after each step, so that the way goes on after a restart. */
#pragma once

#include "groups/group_round.h"

typedef enum MemberOutcome {
        MEMBER_UNCHANGED,
        MEMBER_READY,  /* it has just been let into service */
        MEMBER_FAILED, /* it has just been given up */
} MemberOutcome;

/* instance: its document. *ret_reason: why it failed; caller frees. False: something could not be looked at
 * or done now; it is tried again in the next round. */
bool member_advance(
        const GroupRound *round, const AsgInstance *member, const Document *instance, MemberOutcome *ret,
        char **ret_reason, Error **err);
