/* The GETs that all collections share: pages and items, with related documents put in where asked for. */
#pragma once

#include "api/envelope.h"
#include "api/services.h"

/* A field that holds the id of another document (or a list of ids), and can be embedded. */
typedef struct Relation {
        const char *field;
        Collection collection;
} Relation;

enum { RELATIONS_MAX = 4 };

typedef struct CollectionView {
        ResourceName name;
        Collection collection;
        Relation relations[RELATIONS_MAX]; /* ends with field NULL */
        /* The document as it is shown; NULL: as it is stored. embedded may be NULL. */
        bool (*show)(
                Services *services, const Document *stored, const Document *embedded, Document **ret,
                Error **err);
} CollectionView;

bool collection_answer_list(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err);
/* The item of the path's {id}. */
bool collection_answer_item(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err);
/* stored is taken. */
bool collection_answer_document(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Document *stored, Error **err);
