/* What the outgoing webhook says. Pure functions. */
#pragma once

#include "notify/job_news.h"

/* {"event":"job.done","delivery":…,"at":…,"job":{…},"app":{…}}. Caller frees. */
char *webhook_body(const Document *event, const JobNews *news, const char *delivery_id);

/* "sha256=<HMAC of the body>". Caller frees. */
char *webhook_signature(const char *secret, const char *body);
