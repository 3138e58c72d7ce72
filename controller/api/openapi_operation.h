/* One route as an operation of the API's description. */
#pragma once

#include "api/route_doc.h"

/* Adds the schemas it refers to. Caller frees. */
Document *openapi_operation(const Resource *resource, const Route *route, Document *schemas);
