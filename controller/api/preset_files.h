/* Presets: lists of features that people start an application from, as YAML files of an operator's folder. */
#pragma once

#include "json/document.h"

/* {"name", "description", "features": [{"name", "value", "provisioner"}, …]} from a preset's text; values are
 * strings, whatever the file has. NULL and INVALID say what is wrong. */
Document *preset_parse(const char *name, const char *text, size_t length, Error **err);

/* All <name>.yml and <name>.yaml of the folder, by name. One that cannot be read is left out and said in the
 * program's log. folder NULL or not there: none. */
Document *preset_files_read(const char *folder);
