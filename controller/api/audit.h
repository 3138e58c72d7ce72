/* The audit trail of what people change over REST. */
#pragma once

#include "api/services.h"
#include "http/request.h"

/* action: "app create". A trail that cannot be written fails the request. */
bool audit_note(
        Services *services, const Request *request, const char *action, const char *object,
        const char *detail, Error **err);
