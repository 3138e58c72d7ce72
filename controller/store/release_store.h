/* Which release of which module an application wants: what an instance gets when it boots. */
#pragma once

#include "store/store.h"
#include "json/document.h"

typedef struct Release {
        char *module;
        char *manifest_sha256;
} Release;
typedef struct ReleaseList {
        Release *items;
        size_t count;
} ReleaseList;
void release_list_clear(ReleaseList *list);
static inline void release_list_clearp(ReleaseList *list) {
        release_list_clear(list);
}

/* *ret stays NULL when the module has none. Caller frees. */
bool release_store_get(Store *store, const char *app_id, const char *module, char **ret, Error **err);
/* NULL or "": none any more. */
bool release_store_set(
        Store *store, const char *app_id, const char *module, const char *manifest_sha256, Error **err);
bool release_store_list(Store *store, const char *app_id, ReleaseList *ret, Error **err);
/* Whether any application wants it. */
bool release_store_wanted(Store *store, const char *manifest_sha256, bool *ret, Error **err);
