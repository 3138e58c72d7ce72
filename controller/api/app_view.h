/* Applications as they are shown: every module with its source and last deployment. */
#pragma once

#include "api/collection_answer.h"

extern const CollectionView app_view;
