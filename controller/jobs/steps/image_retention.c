#include "jobs/steps/image_retention.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2_image_users.h"
#include "base/memory.h"
#include "jobs/steps/discard.h"

#define STEP_REMOVAL "retention.removal" /* the image that is being removed, then its snapshots */

static int compare_newest_first(const void *a, const void *b) {
        const Ec2Image *first = a, *second = b;

        return strcmp(second->creation_date, first->creation_date);
}

static void put_first(Ec2Images *images, const char *id) {
        for (size_t i = 1; id && i < images->count; i++)
                if (text_equal(images->items[i].id, id)) {
                        Ec2Image first = images->items[i];

                        memmove(images->items + 1, images->items, i * sizeof(*images->items));
                        images->items[0] = first;
                        return;
                }
}

/* All that baking made for it and that is ready; newest first. */
static bool find_images(Ec2Work *work, const RetentionSpec *spec, Ec2Images *ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };

        if (text_empty(spec->app->id))
                return error_set(err, ERROR_INVALID, "an application without id has no images");
        ec2_filters_add_tag(&filters, "app_id", spec->app->id);
        ec2_filters_add_tag(&filters, "ghost:purpose", "bake");
        ec2_filters_add(&filters, "state", "available");
        if (!ec2_describe_own_images(work->session, &filters, ret, err))
                return false;
        if (ret->count > 1)
                qsort(ret->items, ret->count, sizeof(*ret->items), compare_newest_first);
        put_first(ret, spec->made);
        return true;
}

static bool add_images_of_instances(
        Ec2Work *work, const Ec2Images *images, size_t from, StringList *used, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        for (size_t i = from; i < images->count; i++)
                ec2_filters_add(&filters, "image-id", images->items[i].id);
        ec2_filters_add_living(&filters);
        if (!ec2_describe_instances(work->session, &filters, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                string_list_add(used, found.items[i].image_id);
        return true;
}

static bool remove_snapshots(Ec2Work *work, const StringList *removal, Error **err) {
        for (size_t i = 1; i < removal->count; i++)
                if (!discard_snapshot(work, removal->items[i], err))
                        return false;
        return true;
}

/* The snapshots are remembered first: a deregistered image no longer tells them. */
static bool remove_image(Ec2Work *work, const Ec2Image *image, Error **err) {
        CLEANUP(string_list_clear) StringList removal = { 0 };

        string_list_add(&removal, image->id);
        for (size_t i = 0; i < image->snapshot_ids.count; i++)
                string_list_add(&removal, image->snapshot_ids.items[i]);
        work_log(work, "Deregistering image %s (%s)", image->id, image->name);
        return work_remember_list(work, STEP_REMOVAL, &removal, err) &&
               ec2_deregister_image(work->session, image->id, err) && remove_snapshots(work, &removal, err);
}

static bool is_there(const Ec2Images *images, const char *id) {
        for (size_t i = 0; i < images->count; i++)
                if (text_equal(images->items[i].id, id))
                        return true;
        return false;
}

/* What the controller was at when it died: an image that is still there is judged as all others. */
static bool finish_removal(Ec2Work *work, const Ec2Images *images, Error **err) {
        CLEANUP(string_list_clear) StringList removal = { 0 };
        bool known = false;

        if (!work_recall_list(work, STEP_REMOVAL, &removal, &known, err))
                return false;
        return removal.count == 0 || is_there(images, removal.items[0]) ||
               remove_snapshots(work, &removal, err);
}

bool image_retention_apply(Ec2Work *work, const RetentionSpec *spec, Error **err) {
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        CLEANUP(string_list_clear) StringList used = { 0 };

        if (!find_images(work, spec, &images, err) || !finish_removal(work, &images, err))
                return false;
        if (images.count <= spec->keep)
                return true;
        if (!ec2_find_image_users(work->session, &used, err) ||
            !add_images_of_instances(work, &images, spec->keep, &used, err))
                return error_prefix(err, "which images are in use");
        for (size_t i = spec->keep; i < images.count; i++) {
                const Ec2Image *image = &images.items[i];

                if (string_list_contains(&used, image->id) ||
                    (spec->recorded && string_list_contains(spec->recorded, image->id)))
                        work_log(work, "Keeping image %s (%s), which is in use", image->id, image->name);
                else if (!remove_image(work, image, err))
                        return false;
        }
        return true;
}
