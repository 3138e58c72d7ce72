/* The application that a document names by its app_id. */
#pragma once

#include "api/services.h"
#include "json/document.h"

/* When there is none *ret stays NULL and *ret_issues says so, as an object. */
bool app_reference_find(
        Services *services, const Document *document, Document **ret, Document **ret_issues, Error **err);
