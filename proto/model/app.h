/* App: an application as people describe it over REST: what its document may hold, and the rules between
 * fields. A blank document follows the contract of the REST API, field by field. */
#pragma once

#include "json/schema.h"

extern const Schema app_schema;

/* A request brought into stored form: plain notification addresses become objects, instance tags get their
 * Name and lose the reserved ones. Before schema_apply(). */
Document *app_tidy_input(const Document *input);

/* Rules between fields, of a whole application: module names and paths, scripts. INVALID with the contract's
 * sentence.
 */
bool app_check(const Document *app, Error **err);

/* What is stored of a new application: defaults, module states, pending changes. */
Document *app_new_document(const Document *input, const char *user);

/* What is stored after a PATCH: objects merged, lists replaced, module states and pending changes worked out
 * anew. name, env and role cannot change. */
bool app_merge(const Document *stored, const Document *patch, const char *user, Document **ret, Error **err);

/* As it is shown: every module with its source, notifications complete. */
Document *app_for_reading(const Document *stored);
