/* The rules of app_check(): that modules have names of their own, where they may live, that
 * features can be installed, that scripts are text.
 */
#pragma once

#include "json/document.h"

bool app_check_names(const Document *modules, Error **err);
bool app_check_paths(const Document *modules, Error **err);
bool app_check_features(const Document *features, Error **err);
bool app_check_scripts(const Document *app, Error **err);

/* Without "." and "..", double slashes and a slash at the end. Caller frees. */
char *app_normal_path(const char *path);
