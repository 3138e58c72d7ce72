/* Folders for the builder: a script that carries a folder, unpacks it, runs commands in it and removes it.
 * It needs sh, sed, base64, gzip and tar there, and tar here. */
#pragma once

#include "base/text.h"
#include "json/document.h"

enum { BUNDLE_MAX_BYTES = 16 << 20 }; /* of the packed folder */

/* commands: shell lines, run under set -eu with the folder as working folder and in $folder. What version
 * control keeps beside the files is left out. UNAVAILABLE when it is larger than BUNDLE_MAX_BYTES. */
bool bundle_write(const char *folder, const char *commands, Text *ret, Error **err);

/* A file in the folder, written as YAML; folders on the way are made. */
bool bundle_write_yaml(const char *folder, const char *name, const Document *document, Error **err);
/* A file of the folder, read as YAML. */
Document *bundle_read_yaml(const char *folder, const char *name, Error **err);
