#include "cli_commands.h"

#include <assert.h>
#include <string.h>

const CliCommand *const cli_commands[] = {
        &app_clone_cli,
        &app_create_cli,
        &app_delete_cli,
        &app_edit_cli,
        &app_export_cli,
        &app_ls_cli,
        &app_rotate_token_cli,
        &app_show_cli,
        &app_update_cli,
        &audit_ls_cli,
        &build_image_cli,
        &completion_cli,
        &configure_cli,
        &create_instance_cli,
        &deploy_cli,
        &deployment_ls_cli,
        &deployment_show_cli,
        &destroy_all_instances_cli,
        &destroy_instance_cli,
        &execute_script_cli,
        &instance_log_cli,
        &instance_ls_cli,
        &instance_show_cli,
        &job_approve_cli,
        &job_cancel_cli,
        &job_delete_cli,
        &job_log_cli,
        &job_ls_cli,
        &job_rerun_cli,
        &job_show_cli,
        &log_cli,
        &notification_ls_cli,
        &prepare_blue_green_cli,
        &purge_blue_green_cli,
        &recreate_instances_cli,
        &redeploy_cli,
        &rollback_cli,
        &status_cli,
        &swap_blue_green_cli,
        &token_add_cli,
        &token_ls_cli,
        &token_remove_cli,
        &update_autoscaling_cli,
        &update_lifecycle_hooks_cli,
        &user_add_cli,
        &user_ls_cli,
        &user_password_cli,
        &user_remove_cli,
        &user_show_cli,
        &user_update_cli,
        &version_cli,
        &webhook_create_cli,
        &webhook_delete_cli,
        &webhook_invocations_cli,
        &webhook_ls_cli,
        &webhook_show_cli,
        &webhook_update_cli,
        &whoami_cli,
        NULL,
};

const CliGroup cli_groups[] = {
        { "app", "Manage applications" },
        { "audit", "See who changed what" },
        { "deployment", "Manage deployments" },
        { "instance", "See instances and what they run" },
        { "job", "Manage jobs" },
        { "notification", "See what is told to people and programs about jobs" },
        { "token", "Manage API tokens" },
        { "user", "Manage accounts" },
        { "webhook", "Manage webhooks" },
        { NULL, NULL },
};

const CliOption cli_common_options[] = {
        { "output", 0, "table|json|yaml", "How to print the result (table)" },
        { "profile", 0, "NAME", "Section of the configuration file to use (default)" },
        { "config-file", 0, "FILE", "Configuration file, instead of ~/.ghost and ./.ghost" },
        { "verbose", 0, NULL, "Say every request on standard error" },
        { NULL },
};

static bool has_option(const CliOption *options, size_t count, const char *name) {
        for (size_t i = 0; i < count; i++)
                if (strcmp(options[i].name, name) == 0)
                        return true;
        return false;
}

void cli_command_options(const CliCommand *command, CliOption ret[static CLI_OPTION_MAX + 1]) {
        size_t count = 0;

        for (const CliOption *option = command->options; option && option->name; option++)
                ret[count++] = *option;
        for (const CliOption *option = cli_common_options; option->name; option++)
                if (!has_option(ret, count, option->name))
                        ret[count++] = *option;
        assert(count <= CLI_OPTION_MAX);
        ret[count] = (CliOption){ 0 };
}

const char *cli_command_in_group(const CliCommand *command, const CliGroup *group) {
        size_t length = strlen(group->word);

        if (strncmp(command->name, group->word, length) != 0 || command->name[length] != ' ')
                return NULL;
        return command->name + length + 1;
}
