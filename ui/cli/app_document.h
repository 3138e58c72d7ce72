/* An application as people keep it in files: without what the controller alone sets, checked before it is
 * sent. */
#pragma once

#include <stdio.h>

#include "arguments.h"
#include "client.h"
#include "json/schema.h"

enum { APP_FILE_MAX_BYTES = 4 << 20 };

/* By id or NAME/ENV/ROLE. */
bool app_document_get(Client *client, const char *word, Document **ret, Error **err);

/* What a client may set of it, in the order of the field table; unknown and read-only fields are dropped at
 * every depth. */
Document *app_document_writable(const Document *app);

/* The writable part, as YAML or JSON. */
bool app_document_print(const Document *app, bool json, FILE *out, Error **err);

typedef enum AppFileFormat { APP_FILE_ANY, APP_FILE_YAML, APP_FILE_JSON } AppFileFormat;

bool app_document_parse(
        const char *content, size_t length, AppFileFormat format, Document **ret, Error **err);
/* "-": standard input. */
bool app_document_read(const char *name, AppFileFormat format, Document **ret, Error **err);

/* Every wrong field by name, without asking the controller. */
bool app_document_check(const Document *app, SchemaUse use, Error **err);

/* What to send so that before becomes after: a PATCH merges objects, so what was taken out is sent as null.
 * Without a difference: an empty object. */
Document *app_document_changes(const Document *before, const Document *after);
