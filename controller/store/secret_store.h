/* Keys of the controller's own that must outlive it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* The key of that name, made of random bytes when there is none yet. A key of another length is an error. */
bool secret_store_get(Store *store, const char *name, uint8_t *ret, size_t length, Error **err);
/* The same, but none is made. */
bool secret_store_find(
        Store *store, const char *name, uint8_t *ret, size_t length, bool *ret_found, Error **err);
/* Absent is success. */
bool secret_store_remove(Store *store, const char *name, Error **err);
