/* Every command, by file of commands/; the table in cli_commands.c is alphabetical. */
#pragma once

#include "cli_command.h"

extern const CliCommand app_delete_cli, app_export_cli, app_ls_cli, app_show_cli;
extern const CliCommand app_clone_cli, app_create_cli, app_update_cli;
extern const CliCommand app_edit_cli;
extern const CliCommand app_rotate_token_cli;
extern const CliCommand audit_ls_cli, notification_ls_cli, version_cli, whoami_cli;
extern const CliCommand build_image_cli, create_instance_cli, deploy_cli, destroy_all_instances_cli,
        destroy_instance_cli, prepare_blue_green_cli, purge_blue_green_cli, recreate_instances_cli,
        redeploy_cli, swap_blue_green_cli, update_autoscaling_cli, update_lifecycle_hooks_cli;
extern const CliCommand completion_cli;
extern const CliCommand configure_cli;
extern const CliCommand deployment_ls_cli, deployment_show_cli;
extern const CliCommand execute_script_cli, rollback_cli;
extern const CliCommand instance_log_cli, instance_ls_cli, instance_show_cli;
extern const CliCommand job_approve_cli, job_cancel_cli, job_delete_cli, job_ls_cli, job_rerun_cli,
        job_show_cli;
extern const CliCommand job_log_cli, log_cli;
extern const CliCommand status_cli;
extern const CliCommand token_add_cli, token_ls_cli, token_remove_cli;
extern const CliCommand user_add_cli, user_ls_cli, user_password_cli, user_remove_cli, user_show_cli,
        user_update_cli;
extern const CliCommand webhook_create_cli, webhook_delete_cli, webhook_invocations_cli, webhook_ls_cli,
        webhook_show_cli, webhook_update_cli;
