/* Which of an application's instances a run is for and in which batches, from what the store knows of them:
 * how jobs choose, and how plans say what jobs would choose. Nothing is asked and nothing changed. */
#pragma once

#include "model/job_options.h"
#include "json/document.h"

typedef enum FleetChoice {
        FLEET_CHOSEN,
        FLEET_LEFT_OUT,  /* it lives, and is not to be worked on now */
        FLEET_NOT_THERE, /* it has ended, or ends, or is no instance of the application's own */
} FleetChoice;

#define FLEET_INTERRUPTED "AWS interrupts it"

/* ret_why: of one that is left out. */
FleetChoice fleet_choice(const Document *instance, const char **ret_why);

/* Batch number n of count instances in their order is [fleet_batch_first(n), fleet_batch_first(n + 1)). */
size_t fleet_batch_first(size_t count, size_t batches, size_t batch);
/* Of the instances as they were found, the one that stands there in the order: they are dealt out in turn. */
size_t fleet_batch_pick(size_t count, size_t batches, size_t place);
/* INVALID: min_healthy cannot be kept, whatever happens. */
bool fleet_floor_check(const JobOptions *options, size_t count, size_t batches, Error **err);

/* The options of an executescript as they are followed: clients ask for one by one unless told otherwise,
 * also where there is one instance alone; without a balancer it is what serial is. */
void fleet_script_options(const Document *app, JobOptions *options);
