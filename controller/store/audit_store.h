/* The audit trail: documents of COLLECTION_AUDIT { at, user, via, address, request, resource, action, target,
 * change }, written and never changed. */
#pragma once

#include "store/collection.h"

enum { AUDIT_CHANGE_MAX_BYTES = 64 * 1024 };

typedef struct AuditEntry {
        const char *user, *via, *address, *request; /* who, how let in, from where, in which request; "" or
                                                     * NULL: not known */
        const char *action;                         /* "app create": resource and action */
        const char *target;                         /* id or name */
        const Document *before, *after;             /* either or both may be NULL */
} AuditEntry;

/* What changed is kept member by member: { "description": { "from": "a", "to": "b" } }. Secrets and
 * bookkeeping are left out; of what is larger than AUDIT_CHANGE_MAX_BYTES only the names of the members are
 * kept. */
bool audit_store_add(Store *store, const AuditEntry *entry, Error **err);
