/* Images of an application that are not needed any more. */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct RetentionSpec {
        const Ec2App *app;          /* whose images: those that carry its app_id */
        const char *made;           /* the image that was just made, or NULL: it is the newest, whatever AWS's
                                       dates, which are whole seconds, say */
        size_t keep;                /* so many of the newest stay */
        const StringList *recorded; /* images that applications name: they stay */
} RetentionSpec;

/* Deregisters the rest, with their snapshots: what no launch template, group, launch configuration, instance
 * or application uses. Nothing is removed when it cannot be told who uses what. */
bool image_retention_apply(Ec2Work *work, const RetentionSpec *spec, Error **err);
