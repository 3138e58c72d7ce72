/* What lies between what is live of a module and a revision of its repository. The repository is fetched as
 * whoever deploys it fetches it, and what it says is kept for some seconds. Looking never waits.
 * Thread-safe. */
#pragma once

#include "catalog/questions.h"

typedef struct Comparisons Comparisons;

typedef struct ComparisonsQuestion {
        const char *url, *revision; /* nothing, or HEAD: the default branch */
        const char *from;           /* the commit that is live; nothing: none is */
} ComparisonsQuestion;

typedef struct ComparisonsSpec {
        struct GitMirrors *mirrors;
        int64_t keep_ms;    /* an answer; 0: ten seconds. A failure: a twentieth of it */
        int64_t timeout_ms; /* of one question; 0: ten minutes */
        void (*wake)(void *context, const char *topic); /* an answer is there; must not call back */
        void *context;
} ComparisonsSpec;

Comparisons *comparisons_start(const ComparisonsSpec *spec, Error **err);
/* Workers end; looking goes on to be safe, and finds it busy. */
void comparisons_stop(Comparisons *comparisons);
void comparisons_free(Comparisons *comparisons); /* stops too */
CLEANUP_DEFINE(Comparisons, comparisons_free);

/* READY: {"revision","commit":{"id","subject","author","date"},"commits":[…],"commits_total":n,
 * "files":[{"path","change"}],"files_total":n,"message"}; the message says what there is to say of it. */
CatalogState comparisons_look(
        Comparisons *comparisons, const ComparisonsQuestion *question, CatalogAnswer *ret);
