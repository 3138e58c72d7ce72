/* What an application gives to every hook. */
#pragma once

#include "json/document.h"

/* NAME=value: GHOST_APP, GHOST_ENV, GHOST_ROLE, colours, and the application's own. */
void app_environment_read(const Document *app, StringList *ret);
/* A hook of the application's lifecycle_hooks, decoded; *ret stays NULL when there is none. */
bool app_hook_read(const Document *app, const char *name, char **ret, Error **err);
