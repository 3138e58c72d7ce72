/* The description of the API for programs (OpenAPI 3.1), made from the routing tables. */
#pragma once

#include "http/route.h"
#include "json/document.h"

/* resources ends with NULL. Caller frees. */
Document *openapi_describe(const Resource *const *resources);
