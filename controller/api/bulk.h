/* POST of one document, or of a list of them that is taken whole or not at all. */
#pragma once

#include "api/envelope.h"
#include "api/services.h"

enum { BULK_MAX = 1000 };

typedef struct BulkResult {
        Document *stored; /* as inserted */
        Document *issues; /* instead: what is wrong with the element, field by field */
} BulkResult;

/* One element through every rule, in the transaction of all. Either member of the result, or false. */
typedef bool (*BulkCreate)(
        const Request *request, Services *services, const Document *element, BulkResult *ret, Error **err);

/* *ret_created: whether anything was inserted; otherwise the answer says why not. */
bool bulk_create(
        const Request *request, Response *response, Services *services, const ResourceName *name,
        BulkCreate create, bool *ret_created, Error **err);
