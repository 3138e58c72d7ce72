/* What the commands do that bring no release: said in words. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/plan_parts.h"
#include "jobs/steps/batches.h"

static const char *group_of(const Planning *planning) {
        return document_get_string(planning->app, "autoscale.name");
}

/* None of them is touched. */
static void all_serve(Planning *planning) {
        int64_t count = (int64_t) document_count(planning->instances);
        Document *capacity = document_object();

        document_set_int(capacity, "total", count);
        document_set_int(capacity, "min_in_service", count);
        document_set(planning->plan->shown, "capacity", capacity);
}

static bool has_image(Planning *planning) {
        if (*document_get_string(planning->app, "ami"))
                return true;
        plan_warn(planning, "the job would fail: No AMI set, please use buildimage before");
        return false;
}

void plan_build_image(Planning *planning) {
        const char *paths[] = { "build_infos.source_ami", "build_infos.source_ami_filter.name",
                                "build_infos.source_ami_parameter" };
        bool has_source = false;

        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
                has_source = has_source || *document_get_string(planning->app, paths[i]);
        if (!has_source)
                plan_warn(planning, "the job would be aborted: no source AMI set in build_infos.source_ami");
        else
                plan_warn(
                        planning,
                        "it launches a builder of type %s and ends it; instances that run stay on "
                        "their image",
                        document_get_string(planning->job, "instance_type"));
        if (*group_of(planning))
                plan_warn(
                        planning, "Auto Scaling group %s launches from the new image from then on",
                        group_of(planning));
        all_serve(planning);
}

void plan_create_instance(Planning *planning) {
        if (has_image(planning))
                plan_warn(
                        planning, "it launches one instance from %s%s%s, outside of any Auto Scaling group",
                        document_get_string(planning->app, "ami"), *group_of(planning) ? "; not in " : "",
                        group_of(planning));
        all_serve(planning);
}

static void name_all(const Planning *planning, Text *ret) {
        for (size_t i = 0; i < document_count(planning->instances); i++)
                text_appendf(
                        ret, "%s%s", i > 0 ? ", " : "",
                        document_get_string(document_at(planning->instances, i), "instance_id"));
}

void plan_destroy_all(Planning *planning) {
        size_t count = document_count(planning->instances);
        CLEANUP(text_clear) Text names = { 0 };

        name_all(planning, &names);
        if (count == 0)
                plan_warn(planning, "the controller knows no instance of the application");
        else
                plan_warn(
                        planning, "%zu instance%s end%s: %s", count, count == 1 ? "" : "s",
                        count == 1 ? "s" : "", names.data);
        plan_warn(planning, "AWS was not asked: others that have the application's tags end too");
        if (*group_of(planning))
                plan_warn(
                        planning,
                        "Auto Scaling group %s launches others in their place unless its desired "
                        "capacity and autoscale.min are 0",
                        group_of(planning));
        plan_all(planning, 1);
}

void plan_destroy_one(Planning *planning) {
        const char *named = document_value(document_at(document_get(planning->job, "options"), 0));

        plan_single(planning, named ? named : "");
        if (*group_of(planning))
                plan_warn(
                        planning, "Auto Scaling group %s shrinks by one when it may, or launches another",
                        group_of(planning));
}

void plan_recreate(Planning *planning) {
        size_t count = document_count(planning->instances), batches = 1;
        CLEANUP(error_free) Error *why = NULL;
        bool may = has_image(planning);

        if (may && count == 0)
                plan_warn(
                        planning,
                        "the controller knows no instance of the application: without one the job is "
                        "aborted");
        if (!*group_of(planning)) {
                if (may && count > 0)
                        plan_warn(
                                planning,
                                "without an Auto Scaling group all %zu end first, and are launched "
                                "anew at their addresses",
                                count);
        } else if (count > 0 && !batches_count(planning->options.safe, count, &batches, &why)) {
                plan_warn(planning, "the job would fail: %s", error_message(why));
        } else {
                plan_warn(
                        planning,
                        "AWS was not asked: the batches are those of all members of %s when it "
                        "begins",
                        group_of(planning));
        }
        plan_all(planning, batches);
}

static void say_pending(Planning *planning) {
        const Document *changes = document_get(planning->app, "pending_changes");
        CLEANUP(text_clear) Text names = { 0 };

        for (size_t i = 0; i < document_count(changes); i++)
                text_appendf(
                        &names, "%s%s (%s)", i > 0 ? ", " : "",
                        document_get_string(document_at(changes, i), "field"),
                        document_get_string(document_at(changes, i), "user"));
        if (names.length > 0)
                plan_warn(planning, "changed since it was last built or updated: %s", names.data);
}

void plan_update_group(Planning *planning) {
        if (!*group_of(planning)) {
                plan_warn(
                        planning, "the application names no Auto Scaling group (autoscale.name): nothing "
                                  "to do");
        } else if (has_image(planning)) {
                plan_warn(
                        planning,
                        "Auto Scaling group %s gets min=%lld, max=%lld and a launch template with "
                        "%s; instances that run are not touched",
                        group_of(planning), (long long) document_get_int(planning->app, "autoscale.min"),
                        (long long) document_get_int(planning->app, "autoscale.max"),
                        document_get_string(planning->app, "ami"));
                say_pending(planning);
        }
        all_serve(planning);
}

void plan_update_hooks(Planning *planning) {
        if (*group_of(planning) && *document_get_string(planning->app, "ami"))
                plan_warn(
                        planning,
                        "Auto Scaling group %s gets a new launch template; instances that run are "
                        "not touched",
                        group_of(planning));
        say_pending(planning);
        all_serve(planning);
}
