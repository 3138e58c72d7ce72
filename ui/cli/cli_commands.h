/* Every command, one line each; the table in cli_commands.c is alphabetical. */
#pragma once

#include "cli_command.h"

extern const CliCommand app_create_cli, app_delete_cli, app_ls_cli, app_show_cli, app_update_cli;
extern const CliCommand build_image_cli, create_instance_cli, deploy_cli, destroy_all_instances_cli,
        destroy_instance_cli;
extern const CliCommand deployment_ls_cli, deployment_show_cli;
extern const CliCommand instance_ls_cli, instance_show_cli;
extern const CliCommand job_cancel_cli, job_log_cli, job_ls_cli, job_show_cli;
extern const CliCommand log_cli, redeploy_cli;
