/* The commands that make a job of an application and do not concern its modules: they differ in their options
 * alone, strings by position as Casper sends them. */
#include "cli_commands.h"

#include <string.h>

#include "base/memory.h"
#include "job_options.h"
#include "run_options.h"

static bool submit(
        CliContext *context, const Arguments *arguments, const char *command, Document *options,
        Error **err) {
        Document *body = document_object();

        document_set(body, "options", options);
        return job_submit(context, arguments, command, arguments->words.items[0], body, err);
}

static bool run_build_image(CliContext *context, const Arguments *arguments, Error **err) {
        const char *skip = arguments_truth(arguments, "skip-bootstrap", NULL);
        const char *type = arguments_value(arguments, "instance-type");
        Document *body = document_object();

        document_set(body, "options", run_options(&skip, 1));
        if (type)
                document_set_string(body, "instance_type", type);
        return job_submit(context, arguments, "buildimage", arguments->words.items[0], body, err);
}

static bool run_create_instance(CliContext *context, const Arguments *arguments, Error **err) {
        const char *options[] = {
                arguments_value(arguments, "subnet-id"),
                arguments_value(arguments, "private-ip-address"),
        };

        return submit(context, arguments, "createinstance", run_options(options, 2), err);
}

static bool check_create_instance(const Arguments *arguments, Error **err) {
        return arguments_given(arguments, "subnet-id") || !arguments_given(arguments, "private-ip-address") ||
               error_set(err, ERROR_INVALID, "--private-ip-address needs --subnet-id");
}

static bool run_destroy_instance(CliContext *context, const Arguments *arguments, Error **err) {
        const char *instance = arguments->words.items[1];

        return submit(context, arguments, "destroyinstance", run_options(&instance, 1), err);
}

static bool run_destroy_all_instances(CliContext *context, const Arguments *arguments, Error **err) {
        return submit(context, arguments, "destroyallinstances", document_array(), err);
}

static bool run_recreate_instances(CliContext *context, const Arguments *arguments, Error **err) {
        const char *strategy = arguments_value(arguments, "strategy");

        return submit(context, arguments, "recreateinstances", run_options(&strategy, 1), err);
}

static bool run_update_lifecycle_hooks(CliContext *context, const Arguments *arguments, Error **err) {
        return submit(context, arguments, "updatelifecyclehooks", document_array(), err);
}

static bool run_update_autoscaling(CliContext *context, const Arguments *arguments, Error **err) {
        return submit(context, arguments, "updateautoscaling", document_array(), err);
}

static bool run_prepare_blue_green(CliContext *context, const Arguments *arguments, Error **err) {
        const char *options[] = {
                arguments_truth(arguments, "copy-ami", "False"),
                arguments_truth(arguments, "attach-elb", "True"),
        };

        return submit(context, arguments, "preparebluegreen", run_options(options, 2), err);
}

static bool run_swap_blue_green(CliContext *context, const Arguments *arguments, Error **err) {
        const char *strategy = arguments_value(arguments, "strategy");

        if (!strategy)
                strategy = "overlap";
        return submit(context, arguments, "swapbluegreen", run_options(&strategy, 1), err);
}

static bool run_purge_blue_green(CliContext *context, const Arguments *arguments, Error **err) {
        return submit(context, arguments, "purgebluegreen", document_array(), err);
}

static const CliOption plain_options[] = { JOB_OPTIONS };
static const CliOption build_image_options[] = {
        { "instance-type", 0, "TYPE", "Type of the instance that builds the image" },
        { "skip-bootstrap", 0, "BOOL", "Do not install the provisioner first" },
        JOB_OPTIONS,
};
static const CliOption create_instance_options[] = {
        { "subnet-id", 0, "SUBNET", "Instead of the application's first subnet" },
        { "private-ip-address", 0, "IP", "Instead of any free one; needs --subnet-id" },
        JOB_OPTIONS,
};
static const CliOption recreate_options[] = {
        { "strategy", 0, "1by1|1/3|25%|50%", "Renew the instances in groups (all at once)" },
        JOB_OPTIONS,
};
static const CliOption prepare_options[] = {
        { "copy-ami", 0, "BOOL", "Take the image of the application that is online (false)" },
        { "attach-elb", 0, "BOOL", "Attach a temporary load balancer to the Auto Scaling group (true)" },
        JOB_OPTIONS,
};
static const CliOption swap_options[] = {
        { "strategy", 0, "overlap|isolated", "How to swap (overlap)" },
        JOB_OPTIONS,
};

const CliCommand build_image_cli = {
        "buildimage", "APP", "Build a machine image of the application", build_image_options, run_build_image,
};
const CliCommand create_instance_cli = {
        "createinstance",      "APP", "Start one more instance", create_instance_options, run_create_instance,
        check_create_instance,
};
const CliCommand destroy_all_instances_cli = {
        "destroyallinstances",     "APP", "Terminate every instance of the application", plain_options,
        run_destroy_all_instances,
};
const CliCommand destroy_instance_cli = {
        "destroyinstance", "APP INSTANCE", "Terminate one instance", plain_options, run_destroy_instance,
};
const CliCommand prepare_blue_green_cli = {
        "preparebluegreen",     "APP", "Prepare the blue/green environment before a swap", prepare_options,
        run_prepare_blue_green,
};
const CliCommand purge_blue_green_cli = {
        "purgebluegreen",     "APP", "Purge the offline blue/green environment", plain_options,
        run_purge_blue_green,
};
const CliCommand recreate_instances_cli = {
        "recreateinstances",    "APP", "Renew all the instances of the application", recreate_options,
        run_recreate_instances,
};
const CliCommand swap_blue_green_cli = {
        "swapbluegreen", "APP", "Swap the blue/green environment", swap_options, run_swap_blue_green,
};
const CliCommand update_autoscaling_cli = {
        "updateautoscaling",    "APP", "Bring the Auto Scaling group up to date", plain_options,
        run_update_autoscaling,
};
const CliCommand update_lifecycle_hooks_cli = {
        "updatelifecyclehooks",     "APP", "Bring the lifecycle hooks up to date", plain_options,
        run_update_lifecycle_hooks,
};
