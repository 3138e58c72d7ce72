#include "store/stored.h"

#include <string.h>

#include "base/clock.h"

static const char *const tables[COLLECTION_COUNT] = {
        [COLLECTION_APPS] = "apps",
        [COLLECTION_JOBS] = "jobs",
        [COLLECTION_DEPLOYMENTS] = "deployments",
        [COLLECTION_INSTANCES] = "instances",
        [COLLECTION_WEBHOOKS] = "webhooks",
        [COLLECTION_INVOCATIONS] = "webhook_invocations",
};

#define TEXT_COLUMN(name)                                                                                    \
        { (name), (name), WHERE_TEXT }
#define END_OF_COLUMNS                                                                                       \
        { NULL, NULL, WHERE_TEXT }

static const WhereColumn app_columns[] = { TEXT_COLUMN("name"), TEXT_COLUMN("env"), TEXT_COLUMN("role"),
                                           END_OF_COLUMNS };
static const WhereColumn job_columns[] = { TEXT_COLUMN("app_id"), TEXT_COLUMN("command"),
                                           TEXT_COLUMN("status"), END_OF_COLUMNS };
static const WhereColumn deployment_columns[] = {
        TEXT_COLUMN("app_id"), TEXT_COLUMN("module"), { "timestamp", "timestamp", WHERE_INT }, END_OF_COLUMNS
};
static const WhereColumn instance_columns[] = { TEXT_COLUMN("instance_id"), TEXT_COLUMN("app_id"),
                                                TEXT_COLUMN("state"), END_OF_COLUMNS };
static const WhereColumn webhook_columns[] = { TEXT_COLUMN("app_id"), END_OF_COLUMNS };
static const WhereColumn invocation_columns[] = { TEXT_COLUMN("webhook_id"), END_OF_COLUMNS };

static const WhereColumn *const columns[COLLECTION_COUNT] = {
        [COLLECTION_APPS] = app_columns,
        [COLLECTION_JOBS] = job_columns,
        [COLLECTION_DEPLOYMENTS] = deployment_columns,
        [COLLECTION_INSTANCES] = instance_columns,
        [COLLECTION_WEBHOOKS] = webhook_columns,
        [COLLECTION_INVOCATIONS] = invocation_columns,
};

const WhereColumn *stored_columns(Collection collection) {
        return columns[collection];
}

void stored_clear(Stored *stored) {
        free(stored->id);
        free(stored->doc);
        free(stored->etag);
}

const char *stored_table(Collection collection) {
        return tables[collection];
}

void stored_read(const Query *query, Stored *ret) {
        *ret = (Stored){
                .id = query_text(query, 0),
                .doc = query_text(query, 1),
                .etag = query_text(query, 2),
                .version = query_int(query, 3),
                .created_us = query_int(query, 4),
                .updated_us = query_int(query, 5),
        };
}

bool stored_document(const Stored *stored, Document **ret, Error **err) {
        CLEANUP(document_free) Document *document = document_parse(stored->doc, strlen(stored->doc), err);
        CLEANUP(free) char *created = clock_format_http(stored->created_us);
        CLEANUP(free) char *updated = clock_format_http(stored->updated_us);

        if (!document)
                return error_prefix(err, "document %s in the database", stored->id);
        document_set_string(document, "_id", stored->id);
        document_set_string(document, "_etag", stored->etag);
        document_set_string(document, "_created", created);
        document_set_string(document, "_updated", updated);
        document_set_int(document, "_version", stored->version);
        document_set_int(document, "_latest_version", stored->version);
        *ret = TAKE(document);
        return true;
}
