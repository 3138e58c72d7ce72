/* Blue/green as data: an application that enables it becomes the blue one, online, and gets a green twin,
 * offline, that refers to it. */
#pragma once

#include "json/document.h"

/* Enabled, and no half of a pair yet. */
bool app_wants_twin(const Document *app);
/* A PATCH that says "no more blue/green". */
bool app_gives_up_twin(const Document *patch);

/* The green twin of what becomes the blue one: a copy with everything still to be done. Both ids are known
 * beforehand, so that each document is written once. */
Document *app_make_twin(const Document *app, const char *app_id, const char *twin_id, const char *user);
/* The blue_green of each half of a pair; the hooks stay. */
void app_make_blue(Document *app, const char *twin_id);
void app_make_green(Document *twin, const char *app_id);
