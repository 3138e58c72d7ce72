/* Third-party test data that is not in the repository: below $GHOST_SHARED, else beside the source tree in
 * ../shared. Tests that need it skip without it. */
#pragma once

#include <stddef.h>

/* Content of shared/<path>, NULL when there is no such file. Caller frees. */
char *shared_file_read(const char *path);
/* Path of shared/<path>. Caller frees. */
char *shared_file_path(const char *path);
