/* A plan being made; for plan*.c alone. */
#pragma once

#include "jobs/plan.h"
#include "model/job_options.h"
#include "store/collection.h"

typedef struct Planning {
        Store *store;
        const Document *job, *app;
        JobOptions options;
        JobPlan *plan;
        Document *instances; /* of the application, that live; documents of the store */
        Document *warnings;
} Planning;

void plan_warn(Planning *planning, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Those of a deploy, and that of a redeploy (plan_modules.c). */
bool plan_deploy_modules(Planning *planning, Error **err);
bool plan_redeploy_module(Planning *planning, Error **err);

/* Sets planning->instances, and says them (plan_fleet.c). */
bool plan_find_instances(Planning *planning, Error **err);
/* What deploy, redeploy and executescript make of them. */
void plan_fleet(Planning *planning);
/* One instance of the application by its id or address. */
void plan_single(Planning *planning, const char *named);
/* All that live, in so many batches, of which one at a time is out. */
void plan_all(Planning *planning, size_t batches);

/* What other commands do (plan_others.c). */
void plan_build_image(Planning *planning);
void plan_create_instance(Planning *planning);
void plan_destroy_all(Planning *planning);
void plan_destroy_one(Planning *planning);
void plan_recreate(Planning *planning);
void plan_update_group(Planning *planning);
void plan_update_hooks(Planning *planning);
