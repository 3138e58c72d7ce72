/* Launching one instance for a job, so that a repetition, by a retry or after the controller's death, finds
 * the same one.
 *
 * The intent (the client token) is remembered before the call, the id after it. A resumed job looks for what
 * its token launched; only if there is nothing it launches again, with the next token. Whatever is left over
 * carries the job's tag. */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct LaunchSpec {
        const char *purpose;    /* "bake" or "instance" */
        const char *subnet_id;  /* NULL: those of the application, in order */
        const char *private_ip; /* NULL: EC2 chooses */
        const char *slot;       /* of a job that launches several: its part of token and memory; NULL: none */
        bool spot; /* on demand after all when there is no capacity, or after launch_on_demand() */
        const char *spot_max_price; /* NULL: the price on demand */
        int64_t lifetime_ms;        /* > 0: tagged with a deadline, and ended by itself after it */
} LaunchSpec;

/* Returns once it is running; *ret is the instance as it is then. */
bool launch_instance(Ec2Work *work, const Ec2App *app, const LaunchSpec *spec, Ec2Instance *ret, Error **err);

/* The instance that the job's memory knows for that slot; *ret stays NULL when there is none. Caller frees.
 */
bool launch_recall(Ec2Work *work, const char *slot, char **ret, Error **err);
/* A launch of that slot may have been sent. */
bool launch_was_tried(Ec2Work *work, const char *slot, bool *ret, Error **err);
/* From now on the job's launches are on demand: its Spot instance was taken away. */
bool launch_on_demand(Ec2Work *work, Error **err);

/* What carries this tag (seconds since 1970) and is past it may be removed by anybody (controller/janitor).
 */
#define LAUNCH_DEADLINE_TAG "ghost:deadline"
void launch_deadline(int64_t lifetime_ms, Ec2Tags *tags);

/* Tags of everything that is made for the application: app, app_id, env, role, color, Name, the application's
 * own, and ghost:managed, ghost:app-id, ghost:job, ghost:purpose. */
void launch_tags(const Ec2App *app, const char *job_id, const char *purpose, Ec2Tags *ret);
/* The same without those of one job and its purpose. */
void launch_app_tags(const Ec2App *app, Ec2Tags *ret);
/* Whether instances may see their tags in their metadata: a key with other characters makes a launch fail. */
bool launch_tags_fit_metadata(const Ec2Tags *tags);
/* The root device must be named as the image names it, or a second disk is made. Caller frees. */
bool launch_root_device(Ec2Work *work, const Ec2App *app, char **ret, Error **err);
