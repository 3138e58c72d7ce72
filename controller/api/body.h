/* Request bodies as documents. */
#pragma once

#include "http/request.h"
#include "http/response.h"
#include "json/schema.h"

/* NULL when the answer is given already: 400 for what is no JSON object. */
Document *body_read(const Request *request, Response *response);

/* The same, or a list. */
Document *body_read_any(const Request *request, Response *response);

/* In stored form, or NULL with the 422 answered. */
Document *body_apply(
        const Request *request, Response *response, const Schema *schema, SchemaUse use,
        const Document *body);
