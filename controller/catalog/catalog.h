/* Catalog: what there is in AWS to choose from, for forms: networks, images, groups. Whoever asks does not
 * wait for AWS: workers ask it, whoever asks the same meanwhile shares the answer, and an answer is kept for
 * a while. Bounded in workers, in questions kept and in time. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/questions.h"

typedef struct Catalog Catalog;

typedef enum CatalogList {
        CATALOG_REGIONS,
        CATALOG_VPCS,
        CATALOG_SUBNETS,
        CATALOG_SECURITY_GROUPS,
        CATALOG_KEY_PAIRS,
        CATALOG_INSTANCE_TYPES,
        CATALOG_INSTANCE_PROFILES,
        CATALOG_IMAGES,
        CATALOG_AUTOSCALING_GROUPS,
        CATALOG_LOAD_BALANCERS, /* of both kinds */
        CATALOG_TARGET_GROUPS,
        CATALOG_LIST_COUNT,
} CatalogList;

/* Where and by whose rights, and what narrows the list; NULL and "" alike are nothing said. */
typedef struct CatalogQuestion {
        CatalogList list;
        const char *region; /* nothing: the controller's own */
        const char *account_id, *role_name, *external_id, *role_region;
        const char *vpc_id;                      /* of networks and balancers */
        const char *owner, *name, *architecture; /* of images; owner: nothing said is "self" */
} CatalogQuestion;

/* INVALID with the field: region, assumed_account_id … */
bool catalog_question_check(const CatalogQuestion *question, Error **err);

typedef struct CatalogSpec {
        struct Aws *aws;
        unsigned workers;   /* 0: 2 */
        unsigned questions; /* kept at most; 0: 256 */
        int64_t keep_ms;    /* an answer; 0: a minute. A failure: a twentieth of it */
        int64_t timeout_ms; /* of one question; 0: a minute */
        void (*wake)(void *context, const char *topic); /* an answer is there; must not call back */
        void *context;
} CatalogSpec;

Catalog *catalog_start(const CatalogSpec *spec, Error **err);
/* Workers end; looking goes on to be safe, and finds it busy. */
void catalog_stop(Catalog *catalog);
void catalog_free(Catalog *catalog); /* stops too */
CLEANUP_DEFINE(Catalog, catalog_free);

/* Never waits. The first to look makes a worker ask. READY: {"region":…,"asked_at":…,"_items":[…]} */
CatalogState catalog_look(Catalog *catalog, const CatalogQuestion *question, CatalogAnswer *ret);
