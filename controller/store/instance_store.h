/* Instances by EC2's id: documents of COLLECTION_INSTANCES (agent_store.h says what is in one). */
#pragma once

#include "store/collection.h"

/* Sets these members; an instance not known yet is added. */
bool instance_store_put(Store *store, const char *instance_id, const Document *members, Error **err);
/* *ret stays NULL when it is not known. */
bool instance_store_find(Store *store, const char *instance_id, Document **ret, Error **err);
/* Terminated: state gone, not connected, its agent's identity revoked. Unknown is success. */
bool instance_store_set_gone(Store *store, const char *instance_id, Error **err);
/* Its "notice": AWS has announced its end, so nothing new is given to it. */
#define INSTANCE_NOTICE_SPOT "spot_interruption"
bool instance_is_interrupted(const Document *instance);
/* No agent is connected when the controller starts. */
bool instance_store_set_all_away(Store *store, Error **err);
