/* POST /webhooks/<id>/invocations: a provider tells what happened in a repository. Public: nothing of a
 * delivery is believed before its secret was checked, and everything of it is bounded. */
#pragma once

#include "api/services.h"
#include "http/request.h"
#include "http/response.h"

enum { WEBHOOK_BODY_MAX = 1024 * 1024 };

bool webhook_invoke(const Request *request, Response *response, Services *services, Error **err);
