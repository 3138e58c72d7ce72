/* The join token that all instances of an application's Auto Scaling group share. It stands in a launch
 * template, so it is the same whenever it is asked for, until it is changed on purpose; alone it lets nobody
 * in (agents/admission.h). Thread-safe. */
#pragma once

#include "store/store.h"

/* Caller frees, and wipes. */
bool group_token_make(Store *store, const char *app_id, char **ret, Error **err);
/* *ret_app_id stays NULL when it is no such token at all. FORBIDDEN: it looks like one and is not (any more).
 */
bool group_token_check(Store *store, const char *token, char **ret_app_id, Error **err);
/* The present one ends; the next that is made is another. */
bool group_token_change(Store *store, const char *app_id, Error **err);
