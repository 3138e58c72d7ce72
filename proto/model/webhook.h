/* Webhooks: what a repository's provider may tell Ghost, and which jobs that starts; and the invocations that
 * record what was told. */
#pragma once

#include "json/schema.h"

enum {
        WEBHOOK_PAYLOAD_KEPT = 64 * 1024, /* bytes of a payload that are recorded */
        WEBHOOK_PATTERN_MAX = 1024,       /* bytes of a rev */
};

extern const Schema webhook_schema;
extern const Schema invocation_schema; /* nothing in it can be written by a client */

/* As a client may send back what it was shown: what only the server sets is taken out where it is the same.
 */
Document *webhook_tidy_input(const Document *input, const Document *stored);

/* A stored webhook with the members of a patch: options are merged, null takes a member away. */
Document *webhook_merge(const Document *stored, const Document *patch);

/* What is wrong with it beyond the schema, as issues, or NULL: rev is no regular expression; the application
 * (NULL: not to be looked at) lacks the module. */
Document *webhook_faults(const Document *webhook, const Document *app);

/* The module of that name, as the application shows it; NULL when there is none. Borrowed. */
const Document *webhook_find_module(const Document *app, const char *name);

typedef struct InvocationRecord {
        const char *webhook_id;
        int code;
        const char *message;
        const Document *jobs; /* ids */
        const char *payload;  /* as it came; kept up to WEBHOOK_PAYLOAD_KEPT bytes, with a mark when cut */
        size_t payload_length;
        const char *provider, *event, *revision; /* NULL: not known */
} InvocationRecord;

Document *invocation_new_document(const InvocationRecord *record);
