/* Field tables as JSON Schema (2020-12), for the description of the API. */
#pragma once

#include "json/schema.h"

typedef enum OpenapiUse {
        OPENAPI_INSERT, /* what a POST takes */
        OPENAPI_PATCH,  /* what a PATCH takes */
        OPENAPI_ANSWER, /* what a GET gives: nothing is required, for a projection may leave it out */
} OpenapiUse;

/* embeds: dotted names of members that hold an id or, where asked for, the document; NULL-terminated, or
 * NULL. Caller frees. */
Document *openapi_schema(const Schema *schema, OpenapiUse use, const char *const *embeds);

/* A POSIX extended expression as ECMAScript writes it. Caller frees. */
char *openapi_pattern(const char *posix);
