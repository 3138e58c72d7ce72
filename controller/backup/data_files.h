/* The files of a data folder that a backup holds, the database aside. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

typedef struct DataFiles {
        StringList paths; /* below the folder, sorted */
        StringList left;  /* neither file nor folder: not taken along */
        uint64_t bytes;
} DataFiles;
void data_files_clear(DataFiles *files);
static inline void data_files_clearp(DataFiles *files) {
        data_files_clear(files);
}

/* Whatever comes and goes while it looks. Clones of repositories and the work trees of running jobs are left
 * out: they are made again. */
bool data_files_list(const char *data_dir, bool without_packages, DataFiles *ret, Error **err);

/* What is at the top of a data folder and no part of it: of the file system, or of restores. */
bool data_files_stays(const char *name);

/* Whether there is anything in the folder; an absent one is empty. */
bool data_files_any(const char *data_dir, bool *ret, Error **err);
