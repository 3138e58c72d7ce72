/* The rules of app_check(): that modules have names of their own, where they may live, that features can be
 * installed, that scripts are text. And those that are asked beside it. */
#pragma once

#include "json/document.h"

enum { APP_SOURCE_COUNT = 3 };
extern const char *const app_sources[APP_SOURCE_COUNT]; /* members of build_infos */

bool app_check_names(const Document *modules, Error **err);
bool app_check_paths(const Document *modules, Error **err);
bool app_check_features(const Document *features, Error **err);
/* Those that this controller has are in available. None named: the bake's own default. */
bool app_check_provisioners(const Document *features, const StringList *available, Error **err);
/* Exactly one way to say what images are built from; of build_infos that have all that is required. */
bool app_check_source(const Document *build_infos, Error **err);
bool app_check_scripts(const Document *app, Error **err);

/* Without "." and "..", double slashes and a slash at the end. Caller frees. */
char *app_normal_path(const char *path);
