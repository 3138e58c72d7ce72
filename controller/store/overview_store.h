/* Applications at a glance: what is wanted of each module, what runs where, the last job. Of all applications
 * at once, by a handful of questions however many there are. */
#pragma once

#include "store/store.h"

typedef struct OverviewRelease {
        char *manifest_sha256;
        char *revision, *commit; /* "": not known */
        char *deployment_id;     /* of what is wanted: the newest of it; "": it is not recorded (yet) */
        size_t instances;        /* of what runs */
} OverviewRelease;

typedef struct OverviewModule {
        char *name;
        OverviewRelease wanted; /* manifest_sha256 NULL: nothing */
        OverviewRelease *running;
        size_t running_count;
} OverviewModule;

typedef struct OverviewApp {
        char *id, *name, *env, *role;
        bool deployed; /* at least once */
        bool pending;  /* its modules were changed and not deployed since */
        OverviewModule *modules;
        size_t module_count;
        size_t total, connected;                 /* living instances, without builders of images */
        size_t behind;                           /* of them: lack something that is wanted */
        char *job_id, *job_command, *job_status; /* job_id NULL: it never had one */
        int64_t job_created_us;
} OverviewApp;

typedef struct Overview {
        OverviewApp *apps; /* by name, environment and role */
        size_t count;
} Overview;
void overview_clear(Overview *overview);
static inline void overview_clearp(Overview *overview) {
        overview_clear(overview);
}

/* app_id NULL: all. */
bool overview_store_read(Store *store, const char *app_id, Overview *ret, Error **err);

/* "never_deployed"; "mixed": instances run different releases of a module; "behind": some lack what is
 * wanted, or changed code is not deployed; "current": neither. */
const char *overview_state(const OverviewApp *app);
