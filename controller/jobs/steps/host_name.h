/* The host name that a new instance gets. */
#pragma once

#include "json/document.h"

/* "<Name tag>-<private ip>" as one label: the tag that the application's instances have, cut so that the
 * address always fits; what no host name may have becomes a dash. "" without an address. Caller frees. */
char *host_name_make(const Document *app, const char *private_ip);
