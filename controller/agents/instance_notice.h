/* What AWS announces for an instance, as its agent tells it: kept in the instance's document, said in its
 * log.
 */
#pragma once

#include "jobs/job_log.h"
#include "store/store.h"
#include "wire/ghost.pb-c.h"

/* The same again changes nothing. */
bool instance_notice_take(
        Store *store, JobLogs *logs, const char *instance_id, const Ghost__Notice *notice, Error **err);
