/* How a new folder takes the place of the data folder: by a rename, or, where a file system is mounted there
 * (a volume of its own), by moving what is in it. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Whether a file system is mounted at the folder. */
bool data_folder_is_mount(const char *data_dir);
/* Where the new one is made: beside it, or in it. Caller frees. */
char *data_folder_fresh_name(const char *data_dir);
/* fresh takes its place. any: there is something in the folder, which is moved aside; *ret_former says where
 * to. With a mounted one the database is moved last, and a failure in between is repaired by another restore.
 */
bool data_folder_swap(const char *data_dir, const char *fresh, bool any, char **ret_former, Error **err);
