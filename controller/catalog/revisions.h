/* What of a module's source can be deployed: the branches and tags of a repository, the versions of an object
 * in a bucket. Asked of the source itself, as whoever deploys it asks; kept for some seconds. Looking never
 * waits. Thread-safe. */
#pragma once

#include "catalog/questions.h"

typedef struct Revisions Revisions;

typedef struct RevisionsQuestion {
        bool s3;            /* else git */
        const char *url;    /* of the source */
        const char *region; /* where its bucket is looked for first; nothing: the controller's own */
} RevisionsQuestion;

typedef struct RevisionsSpec {
        struct GitMirrors *mirrors;
        struct Aws *aws;
        int64_t keep_ms;    /* an answer; 0: ten seconds. A failure: a twentieth of it */
        int64_t timeout_ms; /* of one question; 0: a minute */
        void (*wake)(void *context, const char *topic); /* an answer is there; must not call back */
        void *context;
} RevisionsSpec;

Revisions *revisions_start(const RevisionsSpec *spec, Error **err);
/* Workers end; looking goes on to be safe, and finds it busy. */
void revisions_stop(Revisions *revisions);
void revisions_free(Revisions *revisions); /* stops too */
CLEANUP_DEFINE(Revisions, revisions_free);

/* READY: {"kind":"git","default":"main","revisions":[{"name":…,"type":"tag","commit":…}]}, or
 * {"kind":"s3","default":"HEAD","revisions":[{"name":…,"type":"version","modified":…,"size":…,"latest":…}]}.
 * FAILED: INVALID is the module's fault, anything else its source's. */
CatalogState revisions_look(Revisions *revisions, const RevisionsQuestion *question, CatalogAnswer *ret);
