/* Modules that an instance has in another release than is wanted, and why: what a job left so knowingly, or
 * what the controller could not bring it to without a job. In the instance's document as deviations:
 * [{module, wanted, job_id, why}]. One counts as long as that release is wanted. */
#pragma once

#include "store/store.h"
#include "json/document.h"

typedef struct Deviation {
        const char *module;
        const char *wanted; /* "": none */
        const char *job_id; /* "": no job's */
        const char *why;
} Deviation;

/* why NULL: there is none any more. An instance that is not known is success. */
bool deviation_store_put(Store *store, const char *instance_id, const Deviation *deviation, Error **err);
/* Of an instance's document, while that release is wanted; NULL: none. */
const char *deviation_find(const Document *instance, const char *module, const char *wanted);
/* All that count, of instances that are not gone: [{app_id, instance_id, module, wanted, job_id, why}]. */
bool deviation_store_list(Store *store, Document **ret, Error **err);
