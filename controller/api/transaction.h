/* A request that reads and writes as one: what it read holds until it has written, and a failure leaves
 * nothing. */
#pragma once

#include "api/services.h"
#include "http/request.h"
#include "http/response.h"

bool transaction_run(
        const Request *request, Response *response, Services *services,
        bool (*inside)(const Request *request, Response *response, Services *services, Error **err),
        Error **err);
