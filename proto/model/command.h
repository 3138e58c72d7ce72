/* What jobs can do, as far as everybody must know it: the commands' names, what they are called, which
 * pending changes they carry out, and when an application can have them. How they work is the job engine's.
 */
#pragma once

#include "json/document.h"

enum { COMMAND_FIELDS_MAX = 3 };

typedef struct CommandInfo {
        const char *name;
        const char *summary;
        const char *fields[COMMAND_FIELDS_MAX]; /* of pending_changes that it clears; NULL after the last */
        bool needs_image;
} CommandInfo;

/* By name; ends with a row without one. */
extern const CommandInfo command_infos[];
const CommandInfo *command_info_find(const char *name);

/* app NULL: in general. */
bool command_info_available(const CommandInfo *info, const Document *app);
