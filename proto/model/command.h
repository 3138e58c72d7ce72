/* What jobs can do, as far as everybody must know it: the commands' names, what they are called, which
 * pending changes they carry out, and when an application can have them. How they work is the job engine's.
 */
#pragma once

#include "json/document.h"

enum { COMMAND_FIELDS_MAX = 3 };

typedef enum CommandNeeds {
        COMMAND_NEEDS_IMAGE = 1 << 0,      /* the application's ami */
        COMMAND_NEEDS_GROUP = 1 << 1,      /* its autoscale.name */
        COMMAND_NEEDS_BLUE_GREEN = 1 << 2, /* the setting, and the application's color */
        COMMAND_NEEDS_SCRIPTS = 1 << 3,    /* the setting */
} CommandNeeds;

typedef struct CommandInfo {
        const char *name;
        const char *summary;
        const char *fields[COMMAND_FIELDS_MAX]; /* of pending_changes that it clears; NULL after the last */
        unsigned needs;
        bool unbuilt; /* named by the contract; the job engine does not know it yet */
} CommandInfo;

/* What whoever runs the controller allows. */
typedef struct CommandSettings {
        bool blue_green;
        bool scripts;
} CommandSettings;

/* By name; ends with a row without one. */
extern const CommandInfo command_infos[];
/* The same names, NULL-terminated: what a request may ask for. */
extern const char *const command_names[];
const CommandInfo *command_info_find(const char *name);

/* Whether it is listed. app NULL: in general. */
bool command_info_available(const CommandInfo *info, const Document *app, const CommandSettings *settings);
/* Whether a job may have it: INVALID when the settings forbid the command. */
bool command_info_allowed(const char *name, const CommandSettings *settings, Error **err);
