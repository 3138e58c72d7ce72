/* Instance refreshes that somebody else started: two that replace the same instances would end too many. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* CONFLICT while one runs, naming it and what can be done. */
bool group_refresh_check(Ec2Work *work, const char *group, Error **err);
