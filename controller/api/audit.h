/* The audit trail of what people change over REST. */
#pragma once

#include "api/services.h"
#include "http/request.h"
#include "json/document.h"

typedef struct AuditNote {
        const char *action;             /* "app create" */
        const char *object;             /* id or name */
        const Document *before, *after; /* what changed; NULL: nothing, or nothing worth keeping. Members that
                                         * are secret are left out. */
} AuditNote;

/* A trail that cannot be written fails the request: call it before answering, in the change's transaction. */
bool audit_note(Services *services, const Request *request, const AuditNote *note, Error **err);
