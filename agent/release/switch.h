/* Points a module's target path at a release, by one rename: there is no moment at which the path is absent
 * or half made. What stands there and is not a link of ours is moved aside, never deleted. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

typedef struct SwitchSpec {
        const char *path;            /* where the link goes */
        const char *release;         /* what it shall point to */
        const char *releases_folder; /* a link into it is ours */
} SwitchSpec;

/* ret_moved_aside: where a target that was not ours is now; NULL when there was none. */
bool switch_link(const SwitchSpec *spec, char **ret_moved_aside, Error **err);
/* Removes the link when it is ours. */
bool switch_remove_link(const SwitchSpec *spec, Error **err);
/* What our link points to; NULL: no link of ours. Caller frees. */
char *switch_read_link(const SwitchSpec *spec);
/* Absolute, without '.', '..' or control characters, and not a folder that the system cannot lose. */
bool switch_path_allowed(const char *path, Error **err);
