/* The GETs that all collections share: pages and items, with related documents put in where asked for. */
#pragma once

#include "api/envelope.h"
#include "api/services.h"

/* A field that holds the id of another document (or a list of ids), and can be embedded. */
typedef struct Relation {
        const char *field;
        Collection collection;
        /* The document as it is embedded; NULL: as it is stored. */
        bool (*show)(
                Services *services, const Document *stored, const Document *embedded, Document **ret,
                Error **err);
} Relation;

enum { RELATIONS_MAX = 4 };

typedef struct CollectionView {
        ResourceName name;
        Collection collection;
        unsigned made_from;                /* what show() reads beside it: 1 << COLLECTION_… each */
        Relation relations[RELATIONS_MAX]; /* ends with field NULL */
        /* Lists only what has this value in this field; NULL: everything. */
        const char *scope_field, *scope_value;
        /* The document as it is shown; NULL: as it is stored. embedded may be NULL. */
        bool (*show)(
                Services *services, const Document *stored, const Document *embedded, Document **ret,
                Error **err);
        void (*adapt)(
                const Request *request,
                Document *item); /* last, to who asks (go_sdk_asks(), nothing else); may be NULL */
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

/* The parts of the above: one document as it is shown, and those of a page. */
bool collection_answer_show(
        const CollectionView *view, const Request *request, Services *services, const Document *stored,
        const ViewRequest *wanted, Document **ret, Error **err);
bool collection_answer_page(
        const CollectionView *view, const Request *request, Services *services, const ListRequest *list,
        const Document *stored, Document **ret, Error **err);
