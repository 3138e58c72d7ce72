/* What instances bootstrap with of what can be edited: pre_bootstrap, post_bootstrap and env_vars. An edit is
 * for instances to come once updatelifecyclehooks has run, so that a half-edited application boots nothing
 * but what it booted before. The first bootstrap of an application that never ran it takes what there is. */
#pragma once

#include "store/store.h"
#include "json/document.h"

/* From now on instances bootstrap with what app has now. */
bool boot_hooks_update(Store *store, const char *app_id, const Document *app, Error **err);

/* The application as one of its instances bootstraps: app with the hooks and variables that are in use. */
bool boot_hooks_apply(Store *store, const char *app_id, const Document *app, Document **ret, Error **err);
