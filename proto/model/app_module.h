/* The modules of an application's document. */
#pragma once

#include "json/document.h"

/* The module of that name, or NULL. */
const Document *module_find(const Document *app, const char *name);
/* source.url, or git_repo. */
const char *module_repository(const Document *module);
/* Its source is a bucket; else a git repository. */
bool module_is_in_s3(const Document *module);
