#include "jobs/steps/discard.h"

#include <stdlib.h>

#include "aws/ec2_network.h"
#include "aws/ec2_volumes.h"
#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "jobs/steps/launch_instance.h"

enum { DISCARD_TIMEOUT_MS = 15 * 60 * 1000, SNAPSHOT_TRIES = 10, TERMINATE_TRIES = 30 };

#define STEP_IMAGE "bake.image" /* bake.c's */

static bool wait_all_gone(Ec2Work *work, const StringList *ids, Error **err) {
        const Ec2Wait wait = { .progress = work_log_progress, .context = work };

        for (size_t i = 0; i < ids->count; i++)
                if (!ec2_wait_instance(work->session, ids->items[i], EC2_TERMINATED, &wait, NULL, err))
                        return false;
        return true;
}

/* unseen: those that EC2 does not show (yet, or any more). */
static bool find_living(
        Ec2Work *work, const StringList *ids, StringList *ret, StringList *ret_unseen, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (!ec2_find_instances(work->session, ids, &found, err))
                return false;
        for (size_t i = 0; i < ids->count; i++) {
                size_t j = 0;

                while (j < found.count && !text_equal(found.items[j].id, ids->items[i]))
                        j++;
                if (j == found.count)
                        string_list_add(ret_unseen, ids->items[i]);
                else if (found.items[j].state != EC2_TERMINATED && found.items[j].state != EC2_SHUTTING_DOWN)
                        string_list_add(ret, ids->items[i]);
        }
        return true;
}

/* One call for all. "Not found" is no failure yet, but no success either: it is said in ret_doubt. */
static bool terminate(Ec2Work *work, const StringList *ids, Error **ret_doubt, Error **err) {
        CLEANUP(error_free) Error *error = NULL;

        if (ec2_terminate_instances(work->session, ids, &error))
                return true;
        if (error_kind(error) != ERROR_NOT_FOUND) {
                *err = TAKE(error);
                return false;
        }
        error_free(*ret_doubt);
        *ret_doubt = TAKE(error);
        return true;
}

/* Each by itself, for one that is gone fails the call for all. */
static bool terminate_unseen(Ec2Work *work, const StringList *ids, Error **ret_doubt, Error **err) {
        for (size_t i = 0; i < ids->count; i++) {
                CLEANUP(string_list_clear) StringList one = { 0 };

                string_list_add(&one, ids->items[i]);
                if (!terminate(work, &one, ret_doubt, err))
                        return false;
        }
        return true;
}

/* One unknown id fails a whole call, so what has gone meanwhile is left out. That an instance is not found
 * says nothing when a look shows that it lives: it is said again. So it is to one that no look shows, for it
 * may be too new; in the end that one is believed to be gone. */
bool discard_terminate(Ec2Work *work, const StringList *ids, Error **err) {
        for (int try = 0;; try++) {
                CLEANUP(string_list_clear) StringList living = { 0 }, unseen = { 0 };
                CLEANUP(error_free) Error *alive = NULL, *doubt = NULL;

                if (!find_living(work, ids, &living, &unseen, err) ||
                    !terminate(work, &living, &alive, err) || !terminate_unseen(work, &unseen, &doubt, err))
                        return false;
                if (!alive && (!doubt || try == TERMINATE_TRIES))
                        return true;
                if (try == TERMINATE_TRIES) {
                        *err = TAKE(alive);
                        return false;
                }
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

bool discard_instances(Ec2Work *work, const StringList *ids, Error **err) {
        if (!discard_terminate(work, ids, err) || !wait_all_gone(work, ids, err))
                return false;
        for (size_t i = 0; work->gone && i < ids->count; i++)
                if (!work->gone(work->context, ids->items[i], err))
                        return false;
        return true;
}

/* Its tags may not be to be seen yet: what the job knows by its id is not looked for by them. */
static bool add_remembered(Ec2Work *work, const StringList *keep_ids, StringList *ids, Error **err) {
        CLEANUP(free) char *id = NULL;

        if (!work->recall)
                return true;
        if (!launch_recall(work, NULL, &id, err))
                return false;
        if (!text_empty(id) && !string_list_contains(ids, id) &&
            (!keep_ids || !string_list_contains(keep_ids, id)))
                string_list_add(ids, id);
        return true;
}

/* Who may not look may end all the same what is known by its id. */
static void end_unseen(Ec2Work *work, const StringList *keep_ids) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!add_remembered(work, keep_ids, &ids, &why) || ids.count == 0)
                return;
        if (ec2_terminate_instances(work->session, &ids, &why))
                work_log(work, "Terminating instance %s, which cannot be looked at", ids.items[0]);
        else
                work_log(work, "Instance %s could not be ended: %s", ids.items[0], error_message(why));
}

/* Those that ended before are told as gone too: the controller may have died between their end and its saying
 * so.
 */
static bool discard_job_instances(Ec2Work *work, const StringList *keep_ids, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        ec2_filters_add_tag(&filters, "ghost:job", work->job_id);
        if (!ec2_describe_instances(work->session, &filters, &found, err)) {
                end_unseen(work, keep_ids);
                return false;
        }
        for (size_t i = 0; i < found.count; i++) {
                if (keep_ids && string_list_contains(keep_ids, found.items[i].id))
                        continue;
                string_list_add(&ids, found.items[i].id);
                if (found.items[i].state != EC2_TERMINATED)
                        work_log(work, "Terminating instance %s", found.items[i].id);
        }
        return add_remembered(work, keep_ids, &ids, err) && discard_instances(work, &ids, err);
}

bool discard_snapshot(Ec2Work *work, const char *id, Error **err) {
        for (int try = 0;; try++) {
                CLEANUP(error_free) Error *error = NULL;

                if (ec2_delete_snapshot(work->session, id, &error))
                        return true;
                if (work->session->failure.class != AWS_ERROR_STATE || try == SNAPSHOT_TRIES) {
                        *err = TAKE(error);
                        return false;
                }
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

/* As with instances: by its id, should its tags be late. */
static bool add_remembered_image(Ec2Work *work, Ec2Images *images, Error **err) {
        CLEANUP(free) char *id = NULL;
        CLEANUP(ec2_image_clear) Ec2Image image = { 0 };
        CLEANUP(error_free) Error *unseen = NULL;

        if (!work->recall)
                return true;
        if (!work->recall(work->context, STEP_IMAGE, &id, err))
                return false;
        for (size_t i = 0; i < images->count; i++)
                if (text_equal(images->items[i].id, id))
                        return true;
        if (text_empty(id))
                return true;
        if (!ec2_describe_image(work->session, id, &image, &unseen)) {
                if (error_kind(unseen) == ERROR_NOT_FOUND)
                        return true;
                *err = TAKE(unseen);
                return false;
        }
        images->items = xrealloc(images->items, (images->count + 1) * sizeof(*images->items));
        images->items[images->count++] = image;
        image = (Ec2Image){ 0 };
        return true;
}

/* With their snapshots: those of the image to keep, and the others. */
static bool deregister_all_but(
        Ec2Work *work, const Ec2Images *images, const char *keep_image_id, StringList *kept_snapshots,
        StringList *other_snapshots, Error **err) {
        for (size_t i = 0; i < images->count; i++) {
                const Ec2Image *image = &images->items[i];
                bool kept = text_equal(image->id, keep_image_id);

                for (size_t j = 0; j < image->snapshot_ids.count; j++)
                        string_list_add(
                                kept ? kept_snapshots : other_snapshots, image->snapshot_ids.items[j]);
                if (kept)
                        continue;
                work_log(work, "Deregistering image %s", image->id);
                if (!ec2_deregister_image(work->session, image->id, err))
                        return false;
        }
        return true;
}

static bool discard_job_images(Ec2Work *work, const char *keep_image_id, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };
        CLEANUP(string_list_clear) StringList kept = { 0 }, others = { 0 };

        ec2_filters_add_tag(&filters, "ghost:job", work->job_id);
        if (!ec2_describe_own_images(work->session, &filters, &images, err) ||
            !add_remembered_image(work, &images, err) ||
            !deregister_all_but(work, &images, keep_image_id, &kept, &others, err))
                return false;
        if (keep_image_id && kept.count == 0) /* which snapshots are its is not known: none is touched */
                return true;
        if (!ec2_describe_own_snapshots(work->session, &filters, &snapshots, err))
                return false;
        for (size_t i = 0; i < snapshots.count; i++)
                if (!string_list_contains(&others, snapshots.items[i].id))
                        string_list_add(&others, snapshots.items[i].id);
        for (size_t i = 0; i < others.count; i++)
                if (!string_list_contains(&kept, others.items[i]) &&
                    !discard_snapshot(work, others.items[i], err))
                        return false;
        return true;
}

/* What was attached to the job's instances, should it have stayed: of what is in use an instance is the
 * owner. */
static bool discard_job_volumes(Ec2Work *work, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_volumes_clear) Ec2Volumes volumes = { 0 };

        ec2_filters_add_tag(&filters, "ghost:job", work->job_id);
        ec2_filters_add(&filters, "status", "available");
        if (!ec2_describe_volumes(work->session, &filters, &volumes, err))
                return false;
        for (size_t i = 0; i < volumes.count; i++) {
                work_log(work, "Deleting volume %s", volumes.items[i].id);
                if (!ec2_delete_volume(work->session, volumes.items[i].id, err))
                        return false;
        }
        return true;
}

static bool discard_job_interfaces(Ec2Work *work, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_network_interfaces_clear) Ec2NetworkInterfaces interfaces = { 0 };

        ec2_filters_add_tag(&filters, "ghost:job", work->job_id);
        ec2_filters_add(&filters, "status", "available");
        if (!ec2_describe_network_interfaces(work->session, &filters, &interfaces, err))
                return false;
        for (size_t i = 0; i < interfaces.count; i++) {
                work_log(work, "Deleting network interface %s", interfaces.items[i].id);
                if (!ec2_delete_network_interface(work->session, interfaces.items[i].id, err))
                        return false;
        }
        return true;
}

bool discard_job(Ec2Work *work, bool images, const char *keep_image_id, Error **err) {
        AwsSession *jobs_own = work->session;
        AwsSession session = { .aws = jobs_own->aws,
                               .region = jobs_own->region,
                               .role = jobs_own->role,
                               .deadline = deadline_after_ms(DISCARD_TIMEOUT_MS) };

        work->session = &session;
        bool clean = discard_job_instances(work, NULL, err) &&
                     (!images || discard_job_images(work, keep_image_id, err)) &&
                     discard_job_volumes(work, err) && discard_job_interfaces(work, err);
        work->session = jobs_own;
        return clean || error_prefix(err, "cleaning up what job %s left in EC2", work->job_id);
}

bool discard_job_but(Ec2Work *work, const StringList *keep_ids, Error **err) {
        AwsSession *jobs_own = work->session;
        AwsSession session = { .aws = jobs_own->aws,
                               .region = jobs_own->region,
                               .role = jobs_own->role,
                               .deadline = deadline_after_ms(DISCARD_TIMEOUT_MS) };

        work->session = &session;
        bool clean = discard_job_instances(work, keep_ids, err);
        work->session = jobs_own;
        return clean || error_prefix(err, "cleaning up what job %s left in EC2", work->job_id);
}
