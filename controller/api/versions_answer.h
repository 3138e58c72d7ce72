/* ?version= of an item: one former version, all of them, or what each changed. */
#pragma once

#include "api/collection_answer.h"

bool versions_answer(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err);
