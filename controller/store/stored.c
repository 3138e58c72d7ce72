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
        [COLLECTION_USERS] = "users",
        [COLLECTION_TOKENS] = "tokens",
        [COLLECTION_AUDIT] = "audit",
};

static const WhereColumn app_columns[] = {
        { "name", "name", WHERE_TEXT, .key = true },
        { "env", "env", WHERE_TEXT },
        { "role", "role", WHERE_TEXT },
        { NULL },
};
static const WhereColumn job_columns[] = {
        { "app_id", "app_id", WHERE_TEXT, .key = true },
        { "command", "command", WHERE_TEXT, .kind = true },
        { "status", "status", WHERE_TEXT, .kind = true },
        { "user", "user", WHERE_TEXT, .kind = true },
        { NULL },
};
static const WhereColumn deployment_columns[] = {
        { "app_id", "app_id", WHERE_TEXT, .key = true },
        { "module", "module", WHERE_TEXT, .kind = true },
        { "revision", "revision", WHERE_TEXT, .key = true },
        { "timestamp", "timestamp", WHERE_INT },
        { NULL },
};
static const WhereColumn instance_columns[] = {
        { "instance_id", "instance_id", WHERE_TEXT, .key = true },
        { "app_id", "app_id", WHERE_TEXT, .key = true },
        { "state", "state", WHERE_TEXT },
        { NULL },
};
static const WhereColumn webhook_columns[] = { { "app_id", "app_id", WHERE_TEXT, .key = true }, { NULL } };
static const WhereColumn invocation_columns[] = { { "webhook_id", "webhook_id", WHERE_TEXT, .key = true },
                                                  { NULL } };

static const WhereColumn user_columns[] = {
        { "name", "name", WHERE_TEXT, .key = true },
        { "role", "role", WHERE_TEXT },
        { NULL },
};
static const WhereColumn token_columns[] = { { "user", "user", WHERE_TEXT, .key = true }, { NULL } };
static const WhereColumn audit_columns[] = {
        { "user", "user", WHERE_TEXT, .key = true }, { "action", "action", WHERE_TEXT },
        { "resource", "resource", WHERE_TEXT },      { "target", "target", WHERE_TEXT, .key = true },
        { "at", "created_us", WHERE_TIME },          { NULL },
};

static const WhereColumn *const columns[COLLECTION_COUNT] = {
        [COLLECTION_APPS] = app_columns,
        [COLLECTION_JOBS] = job_columns,
        [COLLECTION_DEPLOYMENTS] = deployment_columns,
        [COLLECTION_INSTANCES] = instance_columns,
        [COLLECTION_WEBHOOKS] = webhook_columns,
        [COLLECTION_INVOCATIONS] = invocation_columns,
        [COLLECTION_USERS] = user_columns,
        [COLLECTION_TOKENS] = token_columns,
        [COLLECTION_AUDIT] = audit_columns,
};

static const StoredOrder orders[COLLECTION_COUNT] = {
        [COLLECTION_APPS] = { .newest = "_updated", .newest_index = "apps_newest" },
        [COLLECTION_JOBS] = { .newest = "_updated",
                              .newest_index = "jobs_newest",
                              .kinds = "job_kinds",
                              .kind_columns = { "command", "status", "user" },
                              .kinds_index = "jobs_kinds" },
        [COLLECTION_DEPLOYMENTS] = { .newest = "timestamp",
                                     .newest_index = "deployments_newest",
                                     .kinds = "deployment_kinds",
                                     .kind_columns = { "module" },
                                     .kinds_index = "deployments_kinds" },
};

const StoredOrder *stored_order(Collection collection) {
        return &orders[collection];
}

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
