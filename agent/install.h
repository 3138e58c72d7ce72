/* Makes this program a service of a machine, or of an image that is being made, and takes it away again. All
 * that can be refused is refused before the first file is written. */
#pragma once

#include "base/error.h"
#include "base/text.h"
#include "install_options.h"

/* program: the file that is to be installed, as a rule the one that runs; with a root, as seen from outside.
 * *report gets a line for each thing that was done. */
bool install_agent(const InstallOptions *options, const char *program, Text *report, Error **err);
bool uninstall_agent(const InstallOptions *options, const char *program, Text *report, Error **err);

/* The whole command, words after it NULL-terminated; returns the exit status. */
int install_main(char *const *words);
int uninstall_main(char *const *words);
