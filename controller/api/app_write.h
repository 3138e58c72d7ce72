/* How applications come, change and go in the store, each with its blue/green twin. Inside the caller's
 * transaction, so that what is checked still holds when it is written. */
#pragma once

#include "store/store.h"
#include "json/document.h"

/* input: what schema_apply() made of a request. CONFLICT when the identity is taken. */
bool app_write_new(Store *store, const Document *input, const char *user, Document **ret, Error **err);

/* merged: what app_merge() made of patch. */
bool app_write_merged(
        Store *store, const char *id, const Document *merged, const Document *patch, const char *user,
        Document **ret, Error **err);

/* Queued jobs are cancelled; CONFLICT while one is running. */
bool app_write_gone(Store *store, const Document *app, Error **err);
