/* What becomes of a group whose new instances fail one after the other. */
#pragma once

#include "groups/group_round.h"

/* After a bootstrap: reason NULL says that it succeeded. To be called inside a transaction of the store. */
bool group_breaker_count(const GroupRound *round, const char *reason, Error **err);
/* Makes AWS what the breaker says: Launch suspended while it is open, resumed when it closes. */
bool group_breaker_apply(const GroupRound *round, Error **err);
