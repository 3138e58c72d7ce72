/* `ghost-controller backup` and `restore`: what is typed, and what is said about it. */
#pragma once

/* settings_file may be NULL. words: what follows the options, the name of the command first. Return the exit
 * status. */
int backup_command_run(const char *data_dir, const char *settings_file, int count, char **words);
int restore_command_run(const char *data_dir, int count, char **words);
