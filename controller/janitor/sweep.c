#include "janitor/sweep.h"

#include <stdlib.h>

#include "aws/ec2_network.h"
#include "aws/ec2_volumes.h"
#include "base/log.h"
#include "base/memory.h"

void sweep_clear(Sweep *sweep) {
        free(sweep->trouble);
        *sweep = (Sweep){ 0 };
}

static void trouble(Sweep *sweep, Error *error) {
        if (!sweep->trouble)
                sweep->trouble = xstrdup(error_message(error));
        error_free(error);
}

/* What carries no readable deadline is none of the janitor's. */
static bool is_expired(const Sweep *sweep, const Ec2Tags *tags) {
        const char *deadline = ec2_tags_value(tags, "ghost:deadline");
        CLEANUP(error_free) Error *unreadable = NULL;
        uint64_t seconds = 0;

        return deadline && text_parse_uint(deadline, 1, INT64_MAX, &seconds, &unreadable) &&
               (int64_t) seconds < sweep->now_s;
}

static void add_filters(Ec2Filters *filters) {
        ec2_filters_add(filters, "tag-key", "ghost:deadline");
        ec2_filters_add_tag(filters, "ghost:purpose", "bake");
}

/* Takes the outcome of one removal: a line in the log, whatever it is. */
static void count(
        Sweep *sweep, const char *kind, const char *id, const Ec2Tags *tags, bool gone, Error *error) {
        const char *job = ec2_tags_value(tags, "ghost:job");

        if (gone) {
                log_warn("janitor: removed %s %s, left behind by job %s", kind, id, job ? job : "(unknown)");
                sweep->removed++;
                return;
        }
        log_error(
                "janitor: %s %s of job %s is past its deadline and stays: %s", kind, id,
                job ? job : "(unknown)", error_message(error));
        sweep->left++;
        trouble(sweep, error);
}

static void sweep_instances(Sweep *sweep) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        Error *error = NULL;

        add_filters(&filters);
        ec2_filters_add_living(&filters);
        if (!ec2_describe_instances(sweep->session, &filters, &found, &error)) {
                trouble(sweep, error);
                return;
        }
        for (size_t i = 0; i < found.count; i++) {
                const Ec2Instance *instance = &found.items[i];
                CLEANUP(string_list_clear) StringList id = { 0 };

                if (!is_expired(sweep, &instance->tags) || instance->state == EC2_SHUTTING_DOWN)
                        continue;
                string_list_add(&id, instance->id);
                bool gone = ec2_terminate_instances(sweep->session, &id, &error);
                count(sweep, "instance", instance->id, &instance->tags, gone, TAKE(error));
        }
}

static void sweep_images(Sweep *sweep) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images found = { 0 };
        Error *error = NULL;

        add_filters(&filters);
        if (!ec2_describe_own_images(sweep->session, &filters, &found, &error)) {
                trouble(sweep, error);
                return;
        }
        for (size_t i = 0; i < found.count; i++) {
                const Ec2Image *image = &found.items[i];

                if (!is_expired(sweep, &image->tags))
                        continue;
                bool gone = ec2_deregister_image(sweep->session, image->id, &error);
                count(sweep, "image", image->id, &image->tags, gone, TAKE(error));
        }
}

static void sweep_snapshots(Sweep *sweep) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots found = { 0 };
        Error *error = NULL;

        add_filters(&filters);
        if (!ec2_describe_own_snapshots(sweep->session, &filters, &found, &error)) {
                trouble(sweep, error);
                return;
        }
        for (size_t i = 0; i < found.count; i++) {
                const Ec2Snapshot *snapshot = &found.items[i];

                if (!is_expired(sweep, &snapshot->tags))
                        continue;
                bool gone = ec2_delete_snapshot(sweep->session, snapshot->id, &error);
                count(sweep, "snapshot", snapshot->id, &snapshot->tags, gone, TAKE(error));
        }
}

/* What is attached goes with its instance, or is to be seen once that has gone. */
static void sweep_volumes(Sweep *sweep) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_volumes_clear) Ec2Volumes found = { 0 };
        Error *error = NULL;

        add_filters(&filters);
        ec2_filters_add(&filters, "status", "available");
        if (!ec2_describe_volumes(sweep->session, &filters, &found, &error)) {
                trouble(sweep, error);
                return;
        }
        for (size_t i = 0; i < found.count; i++) {
                const Ec2Volume *volume = &found.items[i];

                if (!is_expired(sweep, &volume->tags))
                        continue;
                bool gone = ec2_delete_volume(sweep->session, volume->id, &error);
                count(sweep, "volume", volume->id, &volume->tags, gone, TAKE(error));
        }
}

static void sweep_interfaces(Sweep *sweep) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_network_interfaces_clear) Ec2NetworkInterfaces found = { 0 };
        Error *error = NULL;

        add_filters(&filters);
        ec2_filters_add(&filters, "status", "available");
        if (!ec2_describe_network_interfaces(sweep->session, &filters, &found, &error)) {
                trouble(sweep, error);
                return;
        }
        for (size_t i = 0; i < found.count; i++) {
                const Ec2NetworkInterface *interface = &found.items[i];

                if (!is_expired(sweep, &interface->tags))
                        continue;
                bool gone = ec2_delete_network_interface(sweep->session, interface->id, &error);
                count(sweep, "network interface", interface->id, &interface->tags, gone, TAKE(error));
        }
}

void sweep_run(Sweep *sweep) {
        sweep_instances(sweep);
        sweep_images(sweep);
        sweep_snapshots(sweep);
        sweep_volumes(sweep);
        sweep_interfaces(sweep);
}
