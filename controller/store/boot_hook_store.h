/* What instances of an application bootstrap with, as JSON: its boot hooks and variables as they were when
 * somebody last said that they are to be used (jobs/steps/boot_hooks.h). */
#pragma once

#include "store/store.h"
#include "json/document.h"

/* *ret stays NULL when there is none. */
bool boot_hook_store_get(Store *store, const char *app_id, Document **ret, Error **err);
/* In place of what was there. Nothing is kept of an application that is gone. */
bool boot_hook_store_put(Store *store, const char *app_id, const Document *content, Error **err);
/* Unless there is one. */
bool boot_hook_store_put_first(Store *store, const char *app_id, const Document *content, Error **err);
bool boot_hook_store_remove(Store *store, const char *app_id, Error **err);
