/* A job as clients see it: without what the controller notes in it for itself. */
#pragma once

#include "api/services.h"
#include "json/document.h"

/* For CollectionView.show and Relation.show. */
bool job_view_show(
        Services *services, const Document *stored, const Document *embedded, Document **ret, Error **err);
