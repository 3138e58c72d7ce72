/* agent.conf with some of its settings changed: comments, order and all other lines stay. */
#pragma once

#include "base/error.h"
#include "base/text.h"

/* present: the file's text; NULL: there is none, and the result is the commented default with the settings in
 * their places. settings: "key=value". INVALID when the result would not be read by an agent. Caller frees.
 */
bool install_config_merge(const char *present, const StringList *settings, char **ret, Error **err);
