/* The environment of hooks and build packs: GHOST_* and the application's own variables. */
#pragma once

#include "base/text.h"
#include "model/app_module.h"
#include "sources/git_mirror.h"
#include "json/document.h"

/* NAME=value. module, revision and user may be NULL; the user is told without a module too. */
void module_environment(
        const Document *app, const Document *module, const GitRevision *revision, const char *user,
        StringList *ret);
