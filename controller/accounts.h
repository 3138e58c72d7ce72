/* `ghost-controller user …` and `token …`: accounts, made on the controller's own machine, running or not. */
#pragma once

#include "settings.h"

/* words: what follows the options, "user" or "token" first. Returns the exit status. */
int accounts_run(const ControllerSettings *settings, int count, char **words);
