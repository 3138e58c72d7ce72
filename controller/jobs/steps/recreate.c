#include "jobs/steps/recreate.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "jobs/steps/app_instances.h"
#include "jobs/steps/create.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/launch_instance.h"

enum { ADDRESS_FREE_WITHIN_MS = 2 * 60 * 1000 };

#define STEP_PLACES "recreate.places" /* "id subnet address" each */

typedef struct Place {
        char *id, *subnet_id, *private_ip;
        char *slot, *new_id; /* new_id NULL: not made anew (yet) */
} Place;

typedef struct Places {
        Place *items;
        size_t count;
} Places;

static void places_clearp(Places *places) {
        for (size_t i = 0; i < places->count; i++) {
                Place *place = &places->items[i];
                char *const strings[] = { place->id, place->subnet_id, place->private_ip, place->slot,
                                          place->new_id };

                for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
                        free(strings[j]);
        }
        free(places->items);
}

static void add_place(Places *places, const char *id, const char *subnet_id, const char *private_ip) {
        places->items = xrealloc(places->items, (places->count + 1) * sizeof(*places->items));
        places->items[places->count] = (Place){ .id = xstrdup(id),
                                                .subnet_id = xstrdup(subnet_id),
                                                .private_ip = xstrdup(private_ip),
                                                .slot = xasprintf("%zu", places->count) };
        places->count++;
}

/* ---- which ones ---- */

static bool is_to_recreate(Ec2Work *work, const Ec2Instance *instance) {
        const char *group = ec2_tags_value(&instance->tags, "aws:autoscaling:groupName");

        if ((instance->state != EC2_RUNNING && instance->state != EC2_PENDING) ||
            text_equal(ec2_tags_value(&instance->tags, "ghost:purpose"), "bake"))
                return false;
        if (group)
                work_log(
                        work, "%s belongs to Auto Scaling group %s, which is not the application's: it stays",
                        instance->id, group);
        return !group;
}

static bool find_places(Ec2Work *work, const Ec2App *app, Places *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        CLEANUP(string_list_clear) StringList lines = { 0 };

        if (!find_app_instances(work, app, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                const Ec2Instance *instance = &found.items[i];

                if (!is_to_recreate(work, instance))
                        continue;
                add_place(ret, instance->id, instance->subnet_id, instance->private_ip);
                string_list_addf(&lines, "%s %s %s", instance->id, instance->subnet_id, instance->private_ip);
                work_log(
                        work, "To be made anew: %s, %s in %s", instance->id, instance->private_ip,
                        instance->subnet_id);
        }
        return lines.count == 0 || work_remember_list(work, STEP_PLACES, &lines, err);
}

static bool recall_places(Ec2Work *work, Places *ret, bool *ret_known, Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };

        if (!work_recall_list(work, STEP_PLACES, &lines, ret_known, err))
                return false;
        for (size_t i = 0; i < lines.count; i++) {
                CLEANUP(string_list_clear) StringList parts = { 0 };

                text_split(lines.items[i], ' ', &parts);
                if (parts.count != 3)
                        return error_set(
                                err, ERROR_INTERNAL, "the job's memory of '%s' is damaged", lines.items[i]);
                add_place(ret, parts.items[0], parts.items[1], parts.items[2]);
        }
        return true;
}

/* ---- one of them ---- */

static char *done_step(const Place *place) {
        return xasprintf("recreate.made.%s", place->slot);
}

/* An address is free again only a while after its instance has ended. */
static bool launch(Ec2Work *work, const Ec2App *app, const Place *place, Ec2Instance *ret, Error **err) {
        const LaunchSpec spec = { .purpose = "instance",
                                  .subnet_id = place->subnet_id,
                                  .private_ip = place->private_ip,
                                  .slot = place->slot };
        Deadline deadline = deadline_after_ms(ADDRESS_FREE_WITHIN_MS);

        for (;;) {
                CLEANUP(error_free) Error *error = NULL;

                if (create_one(work, app, &spec, ret, &error))
                        return true;
                if (!text_equal(work->session->failure.code, "InvalidIPAddress.InUse") ||
                    error_kind(error) == ERROR_CANCELLED || deadline_passed(deadline)) {
                        *err = TAKE(error);
                        return false;
                }
                work_log(work, "%s is not free yet", place->private_ip);
                work->session->failure = (AwsFailure){ 0 };
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

static bool remake(Ec2Work *work, const Ec2App *app, Place *place, Error **err) {
        CLEANUP(ec2_instance_clear) Ec2Instance made = { 0 };
        CLEANUP(free) char *step = done_step(place);

        if (!work->recall(work->context, step, &place->new_id, err) || place->new_id)
                return place->new_id != NULL;
        work_log(work, "Making %s in %s anew", place->private_ip, place->subnet_id);
        work->session->failure = (AwsFailure){ 0 };
        if (!launch(work, app, place, &made, err) || !work->remember(work->context, step, made.id, err))
                return false;
        place->new_id = TAKE(made.id);
        work_log(work, "%s is %s now", place->private_ip, place->new_id);
        return true;
}

/* ---- all ---- */

static bool end_all(Ec2Work *work, const Places *places, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };

        for (size_t i = 0; i < places->count; i++)
                string_list_add(&ids, places->items[i].id);
        return discard_instances(work, &ids, err);
}

/* As many as can be had: one that fails does not keep the others away. */
static bool remake_all(Ec2Work *work, const Ec2App *app, Places *places, Error **err) {
        CLEANUP(error_free) Error *first = NULL;

        for (size_t i = 0; i < places->count; i++) {
                CLEANUP(error_free) Error *error = NULL;

                if (remake(work, app, &places->items[i], &error))
                        continue;
                work_log(work, "%s: %s", places->items[i].private_ip, error_message(error));
                bool stop = error_kind(error) == ERROR_CANCELLED || deadline_passed(work->session->deadline);
                if (!first || stop) {
                        error_free(first);
                        first = TAKE(error);
                }
                if (stop)
                        break;
        }
        return !first || error_set(err, error_kind(first), "%s", error_message(first));
}

static void keep_made(const Places *places, StringList *ret) {
        for (size_t i = 0; i < places->count; i++)
                if (places->items[i].new_id)
                        string_list_add(ret, places->items[i].new_id);
}

/* What came up only half, and what a lost answer hid from us. */
static void clean_up(Ec2Work *work, const Places *places) {
        CLEANUP(string_list_clear) StringList made = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        keep_made(places, &made);
        if (!discard_job_but(work, &made, &error))
                work_log(
                        work, "%s; please remove what is tagged ghost:job=%s and is not in use yourself",
                        error_message(error), work->job_id);
}

static bool still_runs(const Ec2Instances *found, const char *id) {
        for (size_t i = 0; i < found->count; i++)
                if (text_equal(found->items[i].id, id))
                        return found->items[i].state == EC2_RUNNING || found->items[i].state == EC2_PENDING;
        return false;
}

static void find_old(Ec2Work *work, const Places *places, Ec2Instances *ret) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        AwsSession session = work_last_session(work);

        for (size_t i = 0; i < places->count; i++)
                string_list_add(&ids, places->items[i].id);
        if (!ec2_seek_instances(&session, &ids, ret, &error))
                work_log(work, "%s", error_message(error));
}

/* Adds to the failure what has ended for good by it. */
static bool name_missing(Ec2Work *work, const Places *places, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances old = { 0 };
        CLEANUP(text_clear) Text missing = { 0 };

        find_old(work, places, &old);
        for (size_t i = 0; i < places->count; i++)
                if (!places->items[i].new_id && !still_runs(&old, places->items[i].id))
                        text_appendf(
                                &missing, "%s%s in %s", missing.length > 0 ? ", " : "",
                                places->items[i].private_ip, places->items[i].subnet_id);
        if (missing.length == 0)
                return false;
        CLEANUP(error_free) Error *why = TAKE(*err);
        return error_set(
                err, error_kind(why),
                "%s; ended and not made anew: %s (createinstance with that subnet and address brings one "
                "back)",
                error_message(why), missing.data);
}

bool recreate_standalone(Ec2Work *work, const Ec2App *app, size_t *ret_count, Error **err) {
        CLEANUP(places_clear) Places places = { 0 };
        bool known = false;

        if (!recall_places(work, &places, &known, err) || (!known && !find_places(work, app, &places, err)))
                return false;
        *ret_count = places.count;
        if (places.count == 0)
                return true;
        bool good = end_all(work, &places, err) && remake_all(work, app, &places, err);
        if (!good && work_interrupted(work))
                return false;
        clean_up(work, &places);
        return good || name_missing(work, &places, err);
}
