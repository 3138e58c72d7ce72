/* Spot instances whose end AWS has announced: taken out of the group's balancers before it comes. */
#pragma once

#include "groups/group_round.h"

/* Those of the application that are registered and not drained yet. Does not wait for their connections: the
 * balancers let them end. What fails is tried again in the next round. */
bool interrupted_drain(const GroupRound *round, Error **err);
