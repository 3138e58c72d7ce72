/* Ending instances so that nobody notices: taken out of their balancers first, and those of an Auto Scaling
 * group through the group. */
#pragma once

#include "aws/autoscaling.h"
#include "jobs/steps/ec2_work.h"

typedef struct DestroySpec {
        const char *group; /* the application's, whose balancers may also know instances outside of it; NULL:
                              none */
        const StringList *ids; /* of the application; those that are gone already are fine */
        bool shrink;           /* a group gets smaller by them, as far as its minimum lets it; else it
                                  launches others in their place */
} DestroySpec;

typedef struct DestroyResult {
        StringList replaced_by; /* groups that launch others, each once */
        StringList kept;        /* "i-1 (why)": protected */
} DestroyResult;
void destroy_result_clear(DestroyResult *result);
static inline void destroy_result_clearp(DestroyResult *result) {
        destroy_result_clear(result);
}

/* Returns when they are terminated. Can be run again after the controller died at any point. CONFLICT at the
 * end when an instance is protected: the others are gone. */
bool destroy_instances(Ec2Work *work, const DestroySpec *spec, DestroyResult *ret, Error **err);

/* In which groups instances are; those in none are missing. */
bool find_group_members(Ec2Work *work, const StringList *ids, AsgInstances *ret, Error **err);
