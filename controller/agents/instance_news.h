/* What there is to tell of an instance that gets a release or is set up: starting (its agent has begun),
 * started (what it needs is there), done or failed with a return code, as Cloud Deploy's instances told it.
 * Written to the outbox (store/notification_store.h); what was told last stands in the instance's document,
 * so that nothing is told twice. What cannot be written is said in the log and changes nothing. */
#pragma once

#include "store/store.h"
#include "wire/ghost.pb-c.h"

void instance_news_progress(Store *store, const char *agent_id, const Ghost__TaskProgress *progress);
void instance_news_end(Store *store, const char *agent_id, const Ghost__Receipt *receipt);

/* 0, or the number that Cloud Deploy's script ended with: -5 a boot hook, -11 the package, -12 pre_deploy,
 * -13 post_deploy or what came after it. */
int instance_news_return_code(const Ghost__Receipt *receipt);
