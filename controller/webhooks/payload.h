/* Members of a payload that must be there: what is missing is named as the contract does, "'repository'". */
#pragma once

#include "base/text.h"
#include "json/document.h"

/* An object; NULL with *err set. object is one itself. */
const Document *payload_object(const Document *object, const char *name, Error **err);
/* A string that is not empty; NULL with *err set. */
const char *payload_string(const Document *object, const char *name, Error **err);

/* Adds those of the named members that are strings; false when none is. */
bool payload_add_urls(const Document *repository, const char *const *names, StringList *urls, Error **err);

/* Forty zeros or more: the commit of a branch that is no more. */
bool payload_is_no_commit(const char *hash);
