/* SSM: parameters, such as those where AWS names its newest images. JSON 1.1; see aws/aws.h for sessions. */
#pragma once

#include "aws/aws.h"

/* "/aws/service/…" or our own. NOT_FOUND when there is none of that name; a parameter that is a secret comes
 * decrypted. Caller frees. */
bool ssm_get_parameter(AwsSession *session, const char *name, char **ret, Error **err);
