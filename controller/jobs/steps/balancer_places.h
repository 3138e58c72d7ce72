/* Where instances are registered, exactly: in which load balancer, with which port. What is taken out is put
 * back the same. */
#pragma once

#include "jobs/steps/group_balancers.h"

typedef struct BalancerPlace {
        char *balancer; /* a target group's ARN, or a classic load balancer's name */
        bool classic;
        char *id;
        int64_t port; /* of a target */
} BalancerPlace;

typedef struct BalancerPlaces {
        BalancerPlace *items;
        size_t count;
} BalancerPlaces;
void balancer_places_clear(BalancerPlaces *places);
static inline void balancer_places_clearp(BalancerPlaces *places) {
        balancer_places_clear(places);
}

/* Where these instances are registered now, and are not leaving already. */
bool balancer_places_find(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, BalancerPlaces *ret,
        Error **err);
/* One line each, for the job's memory. INVALID: a line that is none. */
void balancer_places_write(const BalancerPlaces *places, StringList *ret);
bool balancer_places_read(const StringList *lines, BalancerPlaces *ret, Error **err);
/* Those of these instances. */
void balancer_places_select(const BalancerPlaces *places, const StringList *ids, BalancerPlaces *ret);

bool balancer_places_leave(Ec2Work *work, const BalancerPlaces *places, Error **err);
bool balancer_places_join(Ec2Work *work, const BalancerPlaces *places, Error **err);
/* The first that is still there, connections draining; empty: all are out. */
bool balancer_places_find_leaving(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err);
/* Those that are not in service, as "i-1 is initial in …"; empty: all are. */
bool balancer_places_find_waiting(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err);
