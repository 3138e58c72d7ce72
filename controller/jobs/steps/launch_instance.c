#include "jobs/steps/launch_instance.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2_wait.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "jobs/steps/user_data.h"

enum { MAX_TRIES = 20, MINUTE_MS = 60000, RESUME_LOOKS = 3 };

#define STEP_TRY "launch.try"           /* the number of the last client token */
#define STEP_INSTANCE "launch.instance" /* what it launched */
#define STEP_MARKET "launch.market"     /* there: no Spot any more */

void launch_app_tags(const Ec2App *app, Ec2Tags *ret) {
        CLEANUP(free) char *name = xasprintf("ec2.%s.%s.%s", app->env, app->role, app->name);

        ec2_tags_add(ret, "Name", name);
        for (size_t i = 0; app->instance_tags && i < app->instance_tags->count; i++)
                ec2_tags_add(ret, app->instance_tags->items[i].key, app->instance_tags->items[i].value);
        ec2_tags_add(ret, "app", app->name);
        ec2_tags_add(ret, "app_id", app->id);
        ec2_tags_add(ret, "env", app->env);
        ec2_tags_add(ret, "role", app->role);
        if (!text_empty(app->color))
                ec2_tags_add(ret, "color", app->color);
        ec2_tags_add(ret, "ghost:managed", "true");
        ec2_tags_add(ret, "ghost:app-id", app->id);
}

void launch_tags(const Ec2App *app, const char *job_id, const char *purpose, Ec2Tags *ret) {
        launch_app_tags(app, ret);
        ec2_tags_add(ret, "ghost:job", job_id);
        ec2_tags_add(ret, "ghost:purpose", purpose);
}

bool launch_tags_fit_metadata(const Ec2Tags *tags) {
        static const char allowed[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-=.,_:@";

        for (size_t i = 0; i < tags->count; i++) {
                const char *key = tags->items[i].key;

                if (key[strspn(key, allowed)] || text_equal(key, ".") || text_equal(key, "..") ||
                    text_equal(key, "_index"))
                        return false;
        }
        return true;
}

static char *client_token(const Ec2Work *work, const LaunchSpec *spec, int number) {
        bool slotted = !text_empty(spec->slot);

        return xasprintf(
                "ghost-%s-%s-%s%s%d", spec->purpose, work->job_id, slotted ? spec->slot : "",
                slotted ? "-" : "", number);
}

static char *step_name(const char *step, const char *slot) {
        return xasprintf("%s%s%s", step, text_empty(slot) ? "" : ".", text_empty(slot) ? "" : slot);
}

bool launch_recall(Ec2Work *work, const char *slot, char **ret, Error **err) {
        CLEANUP(free) char *step = step_name(STEP_INSTANCE, slot);

        return work->recall(work->context, step, ret, err);
}

bool launch_was_tried(Ec2Work *work, const char *slot, bool *ret, Error **err) {
        CLEANUP(free) char *step = step_name(STEP_TRY, slot);
        CLEANUP(free) char *tried = NULL;

        if (!work->recall(work->context, step, &tried, err))
                return false;
        *ret = tried != NULL;
        return true;
}

/* Found: *ret is a living instance. Absent: ret->id stays NULL. */
static bool find_by_token(Ec2Work *work, const char *token, Ec2Instance *ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        ec2_filters_add(&filters, "client-token", token);
        if (!ec2_describe_instances(work->session, &filters, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (found.items[i].state == EC2_PENDING || found.items[i].state == EC2_RUNNING) {
                        *ret = found.items[i];
                        found.items[i] = (Ec2Instance){ 0 };
                        return true;
                }
        return true;
}

/* What an earlier run of this job launched and did not lose. */
static bool adopt(Ec2Work *work, const LaunchSpec *spec, int number, Ec2Instance *ret, Error **err) {
        CLEANUP(free) char *token = client_token(work, spec, number);

        for (int look = 0; number > 0 && look < RESUME_LOOKS; look++) {
                if (!find_by_token(work, token, ret, err))
                        return false;
                if (ret->id) {
                        work_log(work, "Going on with instance %s, launched before", ret->id);
                        return true;
                }
                /* A launch becomes visible a moment after its answer. */
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
        return true;
}

bool launch_root_device(Ec2Work *work, const Ec2App *app, char **ret, Error **err) {
        CLEANUP(ec2_image_clear) Ec2Image image = { 0 };

        if (!ec2_describe_image(work->session, app->image_id, &image, err))
                return false;
        if (!text_equal(image.state, "available"))
                return error_set(err, ERROR_CONFLICT, "image %s is %s", image.id, image.state);
        *ret = xstrdup(text_empty(app->root_device_name) ? image.root_device_name : app->root_device_name);
        return true;
}

void launch_deadline(int64_t lifetime_ms, Ec2Tags *tags) {
        CLEANUP(free)
        char *deadline = xasprintf("%lld", (long long) ((clock_now_us() / 1000 + lifetime_ms) / 1000));

        ec2_tags_add(tags, LAUNCH_DEADLINE_TAG, deadline);
}

typedef struct Launch {
        Ec2Work *work;
        const Ec2App *app;
        const LaunchSpec *spec;
        char *root_device_name;
        int number; /* of the client token */
        bool spot;
} Launch;

static bool send_launch(Launch *launch, const char *subnet_id, Ec2Instance *ret, Error **err) {
        Ec2Work *work = launch->work;
        const Ec2App *app = launch->app;
        const LaunchSpec *spec = launch->spec;
        CLEANUP(free) char *number = xasprintf("%d", ++launch->number);
        CLEANUP(free) char *token = client_token(work, spec, launch->number), *user_data = NULL;
        CLEANUP(free) char *step = step_name(STEP_TRY, spec->slot);
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(join_info_clear) JoinInfo info = { 0 };
        CLEANUP(free) Ec2BlockDevice *devices = xcalloc(app->volume_count + 1, sizeof(*devices));
        int64_t lifetime_ms = spec->lifetime_ms;

        launch_tags(app, work->job_id, spec->purpose, &tags);
        if (lifetime_ms > 0)
                launch_deadline(lifetime_ms, &tags);
        if (!work->make_join_info(work->context, spec->purpose, &info, err) ||
            !work->remember(work->context, step, number, err))
                return false;
        user_data = user_data_write(&info, (int) (lifetime_ms / MINUTE_MS));

        devices[0] = (Ec2BlockDevice){ .name = launch->root_device_name, .size_gib = app->root_device_gib };
        for (size_t i = 0; i < app->volume_count; i++)
                devices[i + 1] = app->volumes[i];
        Ec2RunSpec run = { .image_id = app->image_id,
                           .instance_type = app->instance_type,
                           .client_token = token,
                           .key_name = app->key_name,
                           .instance_profile = app->instance_profile,
                           .subnet_id = subnet_id,
                           .private_ip = spec->private_ip,
                           .security_groups = app->security_groups,
                           .public_ip = app->public_ip,
                           .user_data = user_data,
                           .terminate_on_shutdown = lifetime_ms > 0,
                           .monitoring = app->monitoring,
                           .spot = launch->spot,
                           .spot_max_price = spec->spot_max_price,
                           .tags_in_metadata = launch_tags_fit_metadata(&tags),
                           .devices = devices,
                           .device_count = app->volume_count + 1,
                           .tags = &tags };
        bool launched = ec2_run_instance(work->session, &run, ret, err);
        crypto_wipe(user_data, strlen(user_data));
        return launched;
}

/* The subnets in order, as long as the reason is that one has no room. */
static bool launch_somewhere(Launch *launch, Ec2Instance *ret, Error **err) {
        Ec2Work *work = launch->work;
        CLEANUP(string_list_clear) StringList subnets = { 0 };

        if (!text_empty(launch->spec->subnet_id))
                string_list_add(&subnets, launch->spec->subnet_id);
        else
                for (size_t i = 0; launch->app->subnet_ids && i < launch->app->subnet_ids->count; i++)
                        string_list_add(&subnets, launch->app->subnet_ids->items[i]);

        for (size_t i = 0; i == 0 || i < subnets.count; i++) {
                CLEANUP(error_free) Error *error = NULL;
                const char *subnet = subnets.count > 0 ? subnets.items[i] : NULL;

                if (send_launch(launch, subnet, ret, &error))
                        return true;
                if (work->session->failure.class != AWS_ERROR_CAPACITY || i + 1 >= subnets.count) {
                        *err = TAKE(error);
                        return false;
                }
                work_log(work, "No room in %s: %s", subnet, error_message(error));
        }
        return false;
}

bool launch_on_demand(Ec2Work *work, Error **err) {
        return work->remember(work->context, STEP_MARKET, "on demand", err);
}

/* Spot first when asked for; on demand when that has no capacity anywhere. */
static bool launch_somehow(Launch *launch, Ec2Instance *ret, Error **err) {
        Ec2Work *work = launch->work;
        CLEANUP(free) char *market = NULL;
        CLEANUP(error_free) Error *error = NULL;

        if (!work->recall(work->context, STEP_MARKET, &market, err))
                return false;
        launch->spot = launch->spec->spot && !market;
        if (!launch->spot)
                return launch_somewhere(launch, ret, err);
        if (launch_somewhere(launch, ret, &error))
                return true;
        if (work->session->failure.class != AWS_ERROR_CAPACITY) {
                *err = TAKE(error);
                return false;
        }
        work_log(work, "No Spot instance: %s; launching on demand", error_message(error));
        launch->spot = false;
        return launch_on_demand(work, err) && launch_somewhere(launch, ret, err);
}

static bool launch_new(
        Ec2Work *work, const Ec2App *app, const LaunchSpec *spec, int number, Ec2Instance *ret, Error **err) {
        Launch launch = { .work = work, .app = app, .spec = spec, .number = number };
        bool launched;

        if (number >= MAX_TRIES)
                return error_set(err, ERROR_UNAVAILABLE, "%d launches have been tried", number);
        if (!launch_root_device(work, app, &launch.root_device_name, err))
                return false;
        launched = launch_somehow(&launch, ret, err);
        free(launch.root_device_name);
        if (!launched)
                return error_prefix(err, "launch %s from %s", app->instance_type, app->image_id);
        work_log(
                work, "Launched %sinstance %s (%s) from %s", launch.spot ? "Spot " : "", ret->id,
                app->instance_type, app->image_id);
        return true;
}

bool launch_instance(
        Ec2Work *work, const Ec2App *app, const LaunchSpec *spec, Ec2Instance *ret, Error **err) {
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        CLEANUP(free) char *step_try = step_name(STEP_TRY, spec->slot);
        CLEANUP(free) char *step_instance = step_name(STEP_INSTANCE, spec->slot), *tried = NULL;
        uint64_t number = 0;
        const Ec2Wait wait = { .progress = work_log_progress, .context = work };
        AwsSession booting = *work->session;

        if (!work->recall(work->context, step_try, &tried, err) ||
            (tried && !text_parse_uint(tried, 0, MAX_TRIES, &number, err)) ||
            !adopt(work, spec, (int) number, &instance, err))
                return false;
        if (!instance.id && !launch_new(work, app, spec, (int) number, &instance, err))
                return false;
        booting.deadline = deadline_earlier(booting.deadline, deadline_after_ms(work->boot_timeout_ms));
        return work->remember(work->context, step_instance, instance.id, err) &&
               ec2_wait_instance(&booting, instance.id, EC2_RUNNING, &wait, ret, err);
}
