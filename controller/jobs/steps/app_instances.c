#include "jobs/steps/app_instances.h"

#include <stdlib.h>

#include "base/memory.h"

static bool is_found(const Ec2Instances *found, const char *id) {
        for (size_t i = 0; i < found->count; i++)
                if (text_equal(found->items[i].id, id))
                        return true;
        return false;
}

/* One that has its tags and was not found by them is another's by now. */
static bool is_untagged(const Ec2Instance *instance) {
        return instance->state != EC2_TERMINATED && !ec2_tags_value(&instance->tags, "app");
}

static bool add_known(Ec2Work *work, Ec2Instances *found, Error **err) {
        CLEANUP(string_list_clear) StringList known = { 0 }, missing = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances more = { 0 };

        if (!work->known)
                return true;
        if (!work->known(work->context, &known, err))
                return false;
        for (size_t i = 0; i < known.count; i++)
                if (!is_found(found, known.items[i]))
                        string_list_add(&missing, known.items[i]);
        if (!ec2_find_instances(work->session, &missing, &more, err))
                return false;
        for (size_t i = 0; i < more.count; i++) {
                if (!is_untagged(&more.items[i]))
                        continue;
                found->items = xrealloc(found->items, (found->count + 1) * sizeof(*found->items));
                found->items[found->count++] = more.items[i];
                more.items[i] = (Ec2Instance){ 0 };
        }
        return true;
}

bool find_app_instances(Ec2Work *work, const Ec2App *app, Ec2Instances *ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        Ec2Instances found = { 0 };
        size_t kept = 0;

        if (text_empty(app->name) || text_empty(app->env) || text_empty(app->role) || text_empty(app->id))
                return error_set(
                        err, ERROR_INVALID, "an application without name, env, role or id has no instances");
        ec2_filters_add_tag(&filters, "app", app->name);
        ec2_filters_add_tag(&filters, "env", app->env);
        ec2_filters_add_tag(&filters, "role", app->role);
        if (!text_empty(app->color))
                ec2_filters_add_tag(&filters, "color", app->color);
        ec2_filters_add_living(&filters);
        if (!ec2_describe_instances(work->session, &filters, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                const char *owner = ec2_tags_value(&found.items[i].tags, "app_id");

                if (owner && !text_equal(owner, app->id))
                        ec2_instance_clear(&found.items[i]);
                else
                        found.items[kept++] = found.items[i];
        }
        found.count = kept;
        if (!add_known(work, &found, err)) {
                ec2_instances_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}
