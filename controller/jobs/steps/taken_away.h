/* Whether AWS took an instance back: a Spot interruption, or capacity it wants for itself. */
#pragma once

#include "aws/ec2.h"

/* EC2 may tell a little later than the agent, which is shut down with its instance: one that is said to run
 * is asked for again for so long. */
enum { TAKEN_AWAY_PATIENCE_MS = 3000 };
/* False when not, or when it cannot be known. */
bool instance_taken_away(AwsSession *session, const char *instance_id, int64_t patience_ms);
