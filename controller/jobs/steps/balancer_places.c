#include "jobs/steps/balancer_places.h"

#include <stdlib.h>
#include <string.h>

#include "aws/elb.h"
#include "aws/elbv2.h"
#include "base/memory.h"

static void add_place(BalancerPlaces *places, const BalancerPlace *place) {
        places->items = xrealloc(places->items, (places->count + 1) * sizeof(*places->items));
        places->items[places->count++] = (BalancerPlace){ .balancer = xstrdup(place->balancer),
                                                          .classic = place->classic,
                                                          .id = xstrdup(place->id),
                                                          .port = place->port };
}

void balancer_places_clear(BalancerPlaces *places) {
        for (size_t i = 0; i < places->count; i++) {
                free(places->items[i].balancer);
                free(places->items[i].id);
        }
        free(places->items);
        *places = (BalancerPlaces){ 0 };
}

/* ---- finding ---- */

static bool find_targets(
        Ec2Work *work, const char *arn, const StringList *ids, BalancerPlaces *ret, Error **err) {
        CLEANUP(target_healths_clear) TargetHealths found = { 0 };

        if (!elbv2_describe_target_health(work->session, arn, NULL, 0, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (found.items[i].state != TARGET_DRAINING && string_list_contains(ids, found.items[i].id))
                        add_place(
                                ret, &(BalancerPlace){ .balancer = (char *) arn,
                                                       .id = found.items[i].id,
                                                       .port = found.items[i].port });
        return true;
}

static bool find_classic(
        Ec2Work *work, const char *name, const StringList *ids, BalancerPlaces *ret, Error **err) {
        CLEANUP(elb_health_clear) ElbHealth found = { 0 };
        const StringList all = { 0 };

        if (!elb_describe_instance_health(work->session, name, &all, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (!elb_instance_is_leaving(&found.items[i]) &&
                    string_list_contains(ids, found.items[i].instance_id))
                        add_place(
                                ret, &(BalancerPlace){ .balancer = (char *) name,
                                                       .classic = true,
                                                       .id = found.items[i].instance_id });
        return true;
}

bool balancer_places_find(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, BalancerPlaces *ret,
        Error **err) {
        for (size_t i = 0; i < group->target_group_arns.count; i++)
                if (!find_targets(work, group->target_group_arns.items[i], ids, ret, err))
                        return false;
        for (size_t i = 0; i < group->load_balancers.count; i++)
                if (!find_classic(work, group->load_balancers.items[i], ids, ret, err))
                        return false;
        return true;
}

/* ---- memory ---- */

void balancer_places_write(const BalancerPlaces *places, StringList *ret) {
        for (size_t i = 0; i < places->count; i++) {
                const BalancerPlace *place = &places->items[i];

                if (place->classic)
                        string_list_addf(ret, "%s classic %s", place->id, place->balancer);
                else
                        string_list_addf(
                                ret, "%s %lld %s", place->id, (long long) place->port, place->balancer);
        }
}

static bool read_line(const char *line, BalancerPlaces *ret, Error **err) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        uint64_t port = 0;

        text_split(line, ' ', &parts);
        if (parts.count != 3)
                return error_set(err, ERROR_INVALID, "what the job remembers of a load balancer: '%s'", line);
        bool classic = strcmp(parts.items[1], "classic") == 0;
        if (!classic && !text_parse_uint(parts.items[1], 0, UINT16_MAX, &port, err))
                return false;
        add_place(
                ret, &(BalancerPlace){ .balancer = parts.items[2],
                                       .classic = classic,
                                       .id = parts.items[0],
                                       .port = (int64_t) port });
        return true;
}

bool balancer_places_read(const StringList *lines, BalancerPlaces *ret, Error **err) {
        for (size_t i = 0; i < lines->count; i++)
                if (!read_line(lines->items[i], ret, err))
                        return false;
        return true;
}

void balancer_places_select(const BalancerPlaces *places, const StringList *ids, BalancerPlaces *ret) {
        for (size_t i = 0; i < places->count; i++)
                if (string_list_contains(ids, places->items[i].id))
                        add_place(ret, &places->items[i]);
}

/* ---- one balancer after the other ---- */

typedef bool (*AtBalancer)(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err);

/* Places of one balancer each time, as they come. */
static bool for_each_balancer(
        Ec2Work *work, const BalancerPlaces *places, AtBalancer call, Text *ret, Error **err) {
        for (size_t i = 0; i < places->count; i++) {
                CLEANUP(balancer_places_clear) BalancerPlaces its = { 0 };
                bool seen = false;

                for (size_t j = 0; j < i; j++)
                        seen = seen || strcmp(places->items[j].balancer, places->items[i].balancer) == 0;
                for (size_t j = i; !seen && j < places->count; j++)
                        if (strcmp(places->items[j].balancer, places->items[i].balancer) == 0)
                                add_place(&its, &places->items[j]);
                if (!seen && !call(work, &its, ret, err))
                        return false;
        }
        return true;
}

/* Caller frees. */
static Target *targets_of(const BalancerPlaces *places) {
        Target *targets = xcalloc(places->count + 1, sizeof(*targets));

        for (size_t i = 0; i < places->count; i++)
                targets[i] = (Target){ places->items[i].id, places->items[i].port };
        return targets;
}

static void ids_of(const BalancerPlaces *places, StringList *ret) {
        for (size_t i = 0; i < places->count; i++)
                string_list_add(ret, places->items[i].id);
}

static void log_call(Ec2Work *work, const char *words, const BalancerPlaces *places) {
        CLEANUP(text_clear) Text names = { 0 };

        for (size_t i = 0; i < places->count; i++) {
                text_appendf(&names, "%s%s", i > 0 ? ", " : "", places->items[i].id);
                if (!places->items[i].classic)
                        text_appendf(&names, ":%lld", (long long) places->items[i].port);
        }
        work_log(work, "%s %s: %s", words, group_balancer_name(places->items[0].balancer), names.data);
}

static bool leave(Ec2Work *work, const BalancerPlaces *places, Text *unused, Error **err) {
        const BalancerPlace *first = &places->items[0];
        CLEANUP(free) Target *targets = targets_of(places);
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) unused;
        ids_of(places, &ids);
        log_call(work, "Taking out of", places);
        return first->classic ? elb_deregister_instances(work->session, first->balancer, &ids, err)
                              : elbv2_deregister_targets(
                                        work->session, first->balancer, targets, places->count, err);
}

bool balancer_places_leave(Ec2Work *work, const BalancerPlaces *places, Error **err) {
        return for_each_balancer(work, places, leave, NULL, err);
}

static bool join(Ec2Work *work, const BalancerPlaces *places, Text *unused, Error **err) {
        const BalancerPlace *first = &places->items[0];
        CLEANUP(free) Target *targets = targets_of(places);
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) unused;
        ids_of(places, &ids);
        log_call(work, "Putting back into", places);
        return first->classic
                       ? elb_register_instances(work->session, first->balancer, &ids, err)
                       : elbv2_register_targets(work->session, first->balancer, targets, places->count, err);
}

bool balancer_places_join(Ec2Work *work, const BalancerPlaces *places, Error **err) {
        return for_each_balancer(work, places, join, NULL, err);
}

/* ---- what has become of it ---- */

static const TargetHealth *find_health(const TargetHealths *found, const BalancerPlace *place) {
        for (size_t i = 0; i < found->count; i++)
                if (found->items[i].port == place->port && strcmp(found->items[i].id, place->id) == 0)
                        return &found->items[i];
        return NULL;
}

static const ElbInstanceHealth *find_state(const ElbHealth *found, const BalancerPlace *place) {
        for (size_t i = 0; i < found->count; i++)
                if (strcmp(found->items[i].instance_id, place->id) == 0)
                        return &found->items[i];
        return NULL;
}

static void add(Text *ret, const BalancerPlace *place, const char *state, const char *reason) {
        text_appendf(
                ret, "%s%s is %s in %s", ret->length > 0 ? "; " : "", place->id, state,
                group_balancer_name(place->balancer));
        if (!text_empty(reason))
                text_appendf(ret, " (%s)", reason);
}

typedef struct Found {
        TargetHealths targets;
        ElbHealth classic;
} Found;
static void found_clearp(Found *found) {
        target_healths_clear(&found->targets);
        elb_health_clear(&found->classic);
}

static bool look(Ec2Work *work, const BalancerPlace *first, Found *ret, Error **err) {
        const StringList all = { 0 };

        return first->classic ? elb_describe_instance_health(
                                        work->session, first->balancer, &all, &ret->classic, err)
                              : elbv2_describe_target_health(
                                        work->session, first->balancer, NULL, 0, &ret->targets, err);
}

/* One that has left is not in the answer any more, or unused. */
static bool add_leaving(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err) {
        __attribute__((cleanup(found_clearp))) Found found = { 0 };

        if (!look(work, &places->items[0], &found, err))
                return false;
        for (size_t i = 0; i < places->count; i++) {
                const BalancerPlace *place = &places->items[i];
                const TargetHealth *health = find_health(&found.targets, place);
                const ElbInstanceHealth *state = find_state(&found.classic, place);

                if (health && health->state != TARGET_UNUSED)
                        add(ret, place, target_state_word(health->state), health->reason);
                else if (state)
                        add(ret, place, state->state, state->description);
        }
        return true;
}

bool balancer_places_find_leaving(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err) {
        return for_each_balancer(work, places, add_leaving, ret, err);
}

static bool add_waiting(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err) {
        __attribute__((cleanup(found_clearp))) Found found = { 0 };

        if (!look(work, &places->items[0], &found, err))
                return false;
        for (size_t i = 0; i < places->count; i++) {
                const BalancerPlace *place = &places->items[i];
                const TargetHealth *health = find_health(&found.targets, place);
                const ElbInstanceHealth *state = find_state(&found.classic, place);
                bool good = true;

                if (health && !group_target_in_service(work, place->balancer, health, &good, err))
                        return false;
                if (!health && !state)
                        add(ret, place, "not registered", NULL);
                else if (health && !good)
                        add(ret, place, target_state_word(health->state), health->reason);
                else if (state && strcmp(state->state, "InService") != 0)
                        add(ret, place, state->state, state->description);
        }
        return true;
}

bool balancer_places_find_waiting(Ec2Work *work, const BalancerPlaces *places, Text *ret, Error **err) {
        return for_each_balancer(work, places, add_waiting, ret, err);
}
