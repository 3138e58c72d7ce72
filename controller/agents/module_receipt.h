/* "modules" of an instance's document: what of each module is live, as its agent reports it, and beside it
 * "receipt", what the last task that touched the module came to: {job_id, task_id, ok, message, at, hooks:
 * [{hook, exit_code, duration_ms}], health: {kind, ok, attempts, duration_ms, message} or null,
 * bytes_fetched, bytes_reused}. The bytes are the whole task's. */
#pragma once

#include "wire/ghost.pb-c.h"
#include "json/document.h"

/* The list as a task has left it: of the modules that its receipt names; what is known of the others stays.
 * The same receipt again changes nothing of "receipt". Caller frees. */
Document *module_receipt_put(const Document *known, const Ghost__Receipt *receipt, int64_t now_us);

/* The list as the agent reports it: each receipt stays beside its module, also where nothing of the module is
 * live (any more). Caller frees. */
Document *module_receipt_keep(const Document *known, Ghost__ModuleState *const *modules, size_t count);
