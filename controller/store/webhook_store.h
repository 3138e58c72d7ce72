/* What belongs to webhooks beside their documents: secrets, the deliveries that were taken, the invocations
 * that are kept. Documents by collection.h. */
#pragma once

#include "store/collection.h"

enum {
        WEBHOOK_DELIVERY_DAYS = 30,       /* so long a delivery is known again; providers repeat for a week */
        WEBHOOK_REFUSALS_KEPT = 200,      /* newest invocations of a webhook that started nothing: anybody */
        WEBHOOK_ACCEPTANCES_KEPT = 10000, /* can make those. And those that started jobs. */
};

/* NULL or "": none any more. */
bool webhook_store_set_secret(Store *store, const char *id, const char *secret, Error **err);
/* "" when there is none. Caller frees. */
bool webhook_store_get_secret(Store *store, const char *id, char **ret, Error **err);

/* delivery: the provider's word for it, of any length. */
bool webhook_store_knows_delivery(Store *store, const char *id, const char *delivery, bool *ret, Error **err);
bool webhook_store_keep_delivery(Store *store, const char *id, const char *delivery, Error **err);

/* Secret and deliveries of a webhook that goes away. Its invocations stay. */
bool webhook_store_forget(Store *store, const char *id, Error **err);

/* Inserts, and lets the oldest go. */
bool webhook_store_add_invocation(Store *store, const Document *invocation, Document **ret, Error **err);
