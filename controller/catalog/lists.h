/* The lists of the catalog, each asked of AWS and made JSON. */
#pragma once

#include "aws/aws.h"
#include "catalog/catalog.h"
#include "json/document.h"

/* An array of objects; caller frees. */
bool catalog_list_fetch(AwsSession *session, const CatalogQuestion *question, Document **ret, Error **err);
