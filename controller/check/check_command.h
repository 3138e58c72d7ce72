/* `ghost-controller check`. */
#pragma once

#include "base/error.h"
#include "settings.h"

/* settings NULL: they could not be read, and why says what is wrong. words: what follows the options, "check"
 * first. Returns the exit status: 0 all is well, 1 there are warnings, 2 there are problems, 3 wrong use. */
int check_command_run(const ControllerSettings *settings, const Error *why, int count, char **words);
