#include "jobs/steps/bake.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "jobs/steps/await_agent.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/launch_instance.h"
#include "jobs/steps/taken_away.h"

#define IMAGE_LIFETIME_MS (INT64_C(48) * 3600 * 1000) /* large disks take hours */

enum {
        CONSOLE_TIMEOUT_MS = 20000,
        CONSOLE_LINES = 30,
        MAX_IMAGE_NAME = 128,
        UNSEEN_TRIES = 10,
        JOB_END = 8,
        AFTER_IMAGE_MS = 30 * 60 * 1000, /* for what a job does when its image is there */
};

#define STEP_CLEANING "bake.cleaning" /* the builder whose identity is being removed */
#define STEP_CLEANED "bake.cleaned"   /* … has been */
#define STEP_NAME "bake.name"
#define STEP_IMAGE "bake.image"
#define STEP_BUILDER "launch.instance" /* launch_instance.c's */

void baked_image_clear(BakedImage *image) {
        free(image->id);
        free(image->name);
        *image = (BakedImage){ 0 };
}

/* ---- the builder ---- */

/* The controller died while the builder's identity was being removed: whether it still has one is not known.
 * It cannot be asked, so it is not used. */
static bool drop_doubtful_builder(Ec2Work *work, const char *id, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };

        work_log(work, "Instance %s may be half cleaned, starting over with another", id);
        string_list_add(&ids, id);
        return discard_instances(work, &ids, err);
}

static bool clean_builder(Ec2Work *work, const char *id, const char *agent_id, Error **err) {
        work_log(work, "Removing what belongs to this instance alone");
        return work->remember(work->context, STEP_CLEANING, id, err) &&
               work->clean_image(work->context, agent_id, err) &&
               work->remember(work->context, STEP_CLEANED, id, err);
}

static bool prepare_builder(
        Ec2Work *work, const BakeSpec *spec, const ProvisionScripts *scripts, char **ret_id, Error **err) {
        CLEANUP(ec2_instance_clear) Ec2Instance builder = { 0 };
        CLEANUP(free) char *cleaning = NULL, *cleaned = NULL, *agent_id = NULL;
        LaunchSpec launch = { .purpose = "bake",
                              .spot = spec->spot,
                              .spot_max_price = spec->spot_max_price,
                              .lifetime_ms = spec->lifetime_ms };

        if (!work->recall(work->context, STEP_CLEANING, &cleaning, err) ||
            !work->recall(work->context, STEP_CLEANED, &cleaned, err))
                return false;
        if (!text_empty(cleaned)) {
                *ret_id = TAKE(cleaned);
                return true;
        }
        if (!text_empty(cleaning) && !drop_doubtful_builder(work, cleaning, err))
                return false;
        if (!launch_instance(work, spec->app, &launch, &builder, err))
                return false;
        work_log(work, "Waiting for the agent of %s", builder.id);
        if (!await_agent(work, builder.id, &agent_id, err))
                return false;
        if (!provision_run(work, agent_id, scripts, err) || !clean_builder(work, builder.id, agent_id, err))
                return false;
        *ret_id = TAKE(builder.id);
        return true;
}

/* A Spot instance cannot be stopped: the image is made as it reboots, which leaves its disk as whole. */
static bool can_stop(Ec2Work *work, const char *id, bool *ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        string_list_add(&ids, id);
        if (!ec2_seek_instances(work->session, &ids, &found, err))
                return false;
        *ret = found.count == 0 || !text_equal(found.items[0].lifecycle, "spot");
        return true;
}

/* After a call that failed: that EC2 does not find an instance which was there is its view of a moment. */
static bool try_again(Ec2Work *work, int try, Error **error, Error **err) {
        if (error_kind(*error) == ERROR_NOT_FOUND && try < UNSEEN_TRIES)
                return aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err);
        *err = TAKE(*error);
        return false;
}

static bool stop(Ec2Work *work, const char *id, bool force, Error **err) {
        for (int try = 0;; try++) {
                CLEANUP(error_free) Error *error = NULL;

                if (ec2_stop_instance(work->session, id, force, &error))
                        return true;
                if (!try_again(work, try, &error, err))
                        return false;
        }
}

static bool stop_builder(Ec2Work *work, const char *id, Error **err) {
        const Ec2Wait wait = { .progress = work_log_progress, .context = work };
        AwsSession patient = *work->session;
        bool stops = true;
        CLEANUP(error_free) Error *error = NULL;

        if (!can_stop(work, id, &stops, err))
                return false;
        if (!stops)
                return true;
        patient.deadline = deadline_earlier(patient.deadline, deadline_after_ms(work->stop_patience_ms));
        if (!stop(work, id, false, err))
                return false;
        if (ec2_wait_instance(&patient, id, EC2_STOPPED, &wait, NULL, &error))
                return true;
        if (error_kind(error) != ERROR_TIMEOUT || deadline_passed(work->session->deadline)) {
                *err = TAKE(error);
                return false;
        }
        work_log(work, "Instance %s does not stop, forcing it", id);
        return stop(work, id, true, err) &&
               ec2_wait_instance(work->session, id, EC2_STOPPED, &wait, NULL, err);
}

/* AWS took the Spot instance back. */
static bool was_taken_away(Ec2Work *work, char **ret_id) {
        CLEANUP(free) char *id = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        if (!work->recall(work->context, STEP_BUILDER, &id, &ignored) || text_empty(id) ||
            !instance_taken_away(work->session, id, TAKEN_AWAY_PATIENCE_MS))
                return false;
        *ret_id = TAKE(id);
        return true;
}

/* Until it is provisioned, cleaned and stopped. */
static bool finish_one_builder(
        Ec2Work *work, const BakeSpec *spec, const ProvisionScripts *scripts, char **ret_id, Error **err) {
        return prepare_builder(work, spec, scripts, ret_id, err) && stop_builder(work, *ret_id, err);
}

/* The job itself: an agent that is shut down with its instance says "cancelled" too. */
static bool is_stopping(const Ec2Work *work) {
        const AwsSession *session = work->session;

        return (session->cancelled && session->cancelled(session->context)) ||
               deadline_passed(session->deadline);
}

/* When a Spot builder is taken away, once more from the start, on demand. */
static bool finish_builder(
        Ec2Work *work, const BakeSpec *spec, const ProvisionScripts *scripts, char **ret_id, Error **err) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *lost = NULL;
        CLEANUP(string_list_clear) StringList ids = { 0 };

        if (finish_one_builder(work, spec, scripts, ret_id, &error))
                return true;
        if (!spec->spot || is_stopping(work) || !was_taken_away(work, &lost)) {
                *err = TAKE(error);
                return false;
        }
        work_log(
                work, "AWS took the Spot instance %s back (%s): once more, on demand", lost,
                error_message(error));
        string_list_add(&ids, lost);
        free(*ret_id);
        *ret_id = NULL;
        return launch_on_demand(work, err) && work->remember(work->context, STEP_CLEANING, "", err) &&
               work->remember(work->context, STEP_CLEANED, "", err) && discard_instances(work, &ids, err) &&
               finish_one_builder(work, spec, scripts, ret_id, err);
}

/* ---- the image ---- */

/* ami.<env>.<region>.<role>.<name>[.<color>].<date>-<time>-<job>: the end makes it unique and is never cut
 * off. */
static char *image_name(const Ec2Work *work, const Ec2App *app) {
        const char *region = work->session->region ? work->session->region : aws_region(work->session->aws);
        CLEANUP(free) char *when = clock_format(clock_now_us(), "%Y%m%d-%H%M%S");
        size_t job_length = strlen(work->job_id);
        const char *job_end =
                work->job_id + (job_length > JOB_END ? job_length - JOB_END : 0); /* the start is a time */
        CLEANUP(free) char *end = xasprintf(".%s-%s", when, job_end);
        CLEANUP(free)
        char *start = xasprintf(
                "ami.%s.%s.%s.%s%s%s", app->env, region ? region : "", app->role, app->name,
                text_empty(app->color) ? "" : ".", app->color ? app->color : "");
        CLEANUP(free) char *name = xasprintf("%.*s%s", (int) (MAX_IMAGE_NAME - strlen(end)), start, end);

        return ec2_image_name(name);
}

static bool create_image(Ec2Work *work, const Ec2ImageSpec *spec, char **ret_id, Error **err) {
        for (int try = 0;; try++) {
                CLEANUP(error_free) Error *error = NULL;

                if (ec2_create_image(work->session, spec, ret_id, &error))
                        return true;
                if (!try_again(work, try, &error, err))
                        return false;
        }
}

static bool make_image(
        Ec2Work *work, const BakeSpec *spec, const char *builder_id, BakedImage *image, Error **err) {
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(free)
        char *description = xasprintf(
                "%s %s %s, by Ghost job %s", spec->app->name, spec->app->env, spec->app->role, work->job_id);

        if (!image->name) {
                image->name = image_name(work, spec->app);
                if (!work->remember(work->context, STEP_NAME, image->name, err))
                        return false;
        }
        launch_tags(spec->app, work->job_id, "bake", &tags);
        ec2_tags_add(&tags, "Name", image->name);
        launch_deadline(IMAGE_LIFETIME_MS, &tags); /* until the job has made it its own */
        Ec2ImageSpec wanted = {
                .instance_id = builder_id,
                .name = image->name,
                .description = description,
                .devices = spec->more_volumes,
                .device_count = spec->more_volume_count,
                .tags = &tags,
        };
        if (!create_image(work, &wanted, &image->id, err))
                return false;
        work_log(work, "Creating image %s (%s)", image->id, image->name);
        return work->remember(work->context, STEP_IMAGE, image->id, err);
}

/* The time that AWS takes for a large disk is not the job's. */
static void give_time(void *context) {
        Ec2Work *work = context;

        if (work->extend)
                work->extend(work->context, work->image_stall_ms + AFTER_IMAGE_MS);
}

static bool wait_for_image(Ec2Work *work, const char *id, Ec2Image *ret, Error **err) {
        const Ec2Wait wait = { .progress = work_log_progress,
                               .stall_ms = work->image_stall_ms,
                               .moved = give_time,
                               .context = work };

        return ec2_wait_image(work->session, id, &wait, ret, err);
}

/* What is known by its tags must have them: clean-up and retention find it by them alone. */
static bool tag_snapshots(Ec2Work *work, const BakeSpec *spec, const Ec2Image *image, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(string_list_clear) StringList bare = { 0 };

        if (image->snapshot_ids.count == 0)
                return true;
        launch_tags(spec->app, work->job_id, "bake", &tags);
        ec2_tags_add(&tags, "Name", image->name);
        for (size_t i = 0; i < image->snapshot_ids.count; i++)
                ec2_filters_add(&filters, "snapshot-id", image->snapshot_ids.items[i]);
        if (!ec2_describe_own_snapshots(work->session, &filters, &snapshots, err))
                return false;
        for (size_t i = 0; i < snapshots.count; i++) {
                size_t j = 0;

                while (j < tags.count && text_equal(
                                                 ec2_tags_value(&snapshots.items[i].tags, tags.items[j].key),
                                                 tags.items[j].value))
                        j++;
                if (j < tags.count)
                        string_list_add(&bare, snapshots.items[i].id);
        }
        for (size_t i = 0; i < bare.count; i++)
                work_log(work, "Tagging snapshot %s, which came without", bare.items[i]);
        return ec2_create_tags(work->session, &bare, &tags, err);
}

/* From now on only retention removes it. */
static bool claim_image(Ec2Work *work, const Ec2Image *image, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };

        string_list_add(&ids, image->id);
        for (size_t i = 0; i < image->snapshot_ids.count; i++)
                string_list_add(&ids, image->snapshot_ids.items[i]);
        return ec2_delete_tag(work->session, &ids, LAUNCH_DEADLINE_TAG, err);
}

static bool run_steps(
        Ec2Work *work, const BakeSpec *spec, const ProvisionScripts *scripts, BakedImage *image,
        Error **err) {
        CLEANUP(free) char *builder_id = NULL;
        CLEANUP(ec2_image_clear) Ec2Image ready = { 0 };

        if (!work->recall(work->context, STEP_NAME, &image->name, err) ||
            !work->recall(work->context, STEP_IMAGE, &image->id, err))
                return false;
        if (!image->id) {
                if (!finish_builder(work, spec, scripts, &builder_id, err) ||
                    !make_image(work, spec, builder_id, image, err))
                        return false;
        }
        return wait_for_image(work, image->id, &ready, err) && tag_snapshots(work, spec, &ready, err) &&
               claim_image(work, &ready, err);
}

/* ---- the end ---- */

void bake_log_console(Ec2Work *work) {
        AwsSession session = { .aws = work->session->aws,
                               .region = work->session->region,
                               .role = work->session->role,
                               .deadline = deadline_after_ms(CONSOLE_TIMEOUT_MS) };
        CLEANUP(error_free) Error *ignored = NULL, *unknown = NULL;
        CLEANUP(free) char *id = NULL, *output = NULL;
        CLEANUP(string_list_clear) StringList lines = { 0 };

        if (!work->recall(work->context, STEP_BUILDER, &id, &unknown) || !id ||
            !ec2_get_console_output(&session, id, &output, &ignored) || !*output)
                return;
        text_split(output, '\n', &lines);
        work_log(work, "The end of the console of %s:", id);
        for (size_t i = lines.count > CONSOLE_LINES ? lines.count - CONSOLE_LINES : 0; i < lines.count; i++)
                work_log(work, "  %s", lines.items[i]);
}

static void clean_up(Ec2Work *work, const char *keep_image_id) {
        CLEANUP(error_free) Error *error = NULL;

        if (!discard_job(work, true, keep_image_id, &error))
                work_log(
                        work, "%s; please remove what is tagged ghost:job=%s yourself", error_message(error),
                        work->job_id);
}

bool bake_image(Ec2Work *work, const BakeSpec *spec, BakedImage *ret, Error **err) {
        CLEANUP(provision_scripts_clear) ProvisionScripts scripts = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        bool good =
                provision_load(spec->content, &scripts, err) && run_steps(work, spec, &scripts, &image, err);
        if (!good && work->interrupted && work->interrupted(work->context))
                return false;
        if (!good && error_kind(*err) != ERROR_CANCELLED)
                bake_log_console(work);
        clean_up(work, good ? image.id : NULL);
        if (!good)
                return false;
        *ret = image;
        image = (BakedImage){ 0 };
        return true;
}
