#include "model/webhook.h"

#include <string.h>

#include "base/memory.h"
#include "base/pattern.h"
#include "model/command.h"

static const char *const event_words[] = { "push", "tag", "merge", NULL };

static const SchemaField webhook_fields[] = {
        { "app_id", SCHEMA_ID, SCHEMA_REQUIRED_ON_INSERT },
        { "user", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "module", SCHEMA_STRING, .max = 128 },
        { "rev", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .max = WEBHOOK_PATTERN_MAX },
        { "events", SCHEMA_LIST, SCHEMA_REQUIRED_ON_INSERT, .words = event_words, .max = 20 },
        { "commands", SCHEMA_LIST, SCHEMA_REQUIRED_ON_INSERT, .words = command_names, .max = 100 },
        { "secret_token", SCHEMA_STRING, SCHEMA_WRITE_ONLY, .max = 1024 }, /* goes in, never comes out */
        { "secret_token_set", SCHEMA_BOOL }, /* let through for those who send it back */
        { "options", SCHEMA_OBJECT },
};
const Schema webhook_schema = SCHEMA(webhook_fields);

static const SchemaField status_fields[] = {
        { "code", SCHEMA_INT, SCHEMA_READ_ONLY },
        { "message", SCHEMA_STRING, SCHEMA_READ_ONLY },
};
static const Schema status_schema = SCHEMA(status_fields);

static const SchemaField invocation_fields[] = {
        { "webhook_id", SCHEMA_ID, SCHEMA_READ_ONLY },
        { "jobs", SCHEMA_LIST, SCHEMA_READ_ONLY },
        { "status", SCHEMA_OBJECT, SCHEMA_READ_ONLY, .schema = &status_schema },
        { "payload", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "provider", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "event", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "revision", SCHEMA_STRING, SCHEMA_READ_ONLY },
};
const Schema invocation_schema = SCHEMA(invocation_fields);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Document *webhook_tidy_input(const Document *input, const Document *stored) {
        static const char *const shown[] = { "_etag",           "_created", "_updated", "_version",
                                             "_latest_version", "_links",   "user" };
        Document *tidy = document_copy(input);

        document_remove(tidy, "_links"); /* never stored */
        for (size_t i = 0; i < COUNT(shown); i++) {
                const Document *sent = document_get_member(tidy, shown[i]);
                const Document *known = document_get_member(stored, shown[i]);

                if (sent && known && document_equal(sent, known))
                        document_remove(tidy, shown[i]);
        }
        return tidy;
}

static void merge_members(Document *into, const Document *members) {
        for (void *i = document_first(members); i; i = document_next(members, i))
                document_set(into, document_name(i), document_copy(document_child(i)));
}

Document *webhook_merge(const Document *stored, const Document *patch) {
        Document *merged = document_copy(stored);

        for (void *i = document_first(patch); i; i = document_next(patch, i)) {
                const char *name = document_name(i);
                const Document *value = document_child(i), *former = document_get_member(merged, name);

                if (document_is_null(value)) {
                        document_remove(merged, name);
                } else if (document_is_object(value) && document_is_object(former)) {
                        Document *inside = document_copy(former);

                        merge_members(inside, value);
                        document_set(merged, name, inside);
                } else {
                        document_set(merged, name, document_copy(value));
                }
        }
        return merged;
}

const Document *webhook_find_module(const Document *app, const char *name) {
        const Document *modules = document_get_member(app, "modules");

        for (size_t i = 0; i < document_count(modules); i++)
                if (strcmp(document_get_string(document_at(modules, i), "name"), name) == 0)
                        return document_at(modules, i);
        return NULL;
}

Document *webhook_faults(const Document *webhook, const Document *app) {
        CLEANUP(document_free) Document *issues = document_object();
        CLEANUP(error_free) Error *why = NULL;
        const char *module = document_get_string(webhook, "module");
        CLEANUP(pattern_free) Pattern *pattern = pattern_new(document_get_string(webhook, "rev"), &why);

        if (!pattern) {
                CLEANUP(free) char *issue = xasprintf("is no regular expression: %s", error_message(why));
                document_set_string(issues, "rev", issue);
        }
        if (app && *module && !webhook_find_module(app, module)) {
                CLEANUP(free) char *issue = xasprintf("the application has no module '%s'", module);
                document_set_string(issues, "module", issue);
        }
        return document_count(issues) > 0 ? TAKE(issues) : NULL;
}

/* Cut between characters. */
static char *kept_payload(const char *payload, size_t length) {
        size_t kept = WEBHOOK_PAYLOAD_KEPT;

        if (length <= kept)
                return xstrndup(payload, length);
        while (kept > 0 && ((unsigned char) payload[kept] & 0xC0) == 0x80)
                kept--;
        return xasprintf("%.*s… (cut: %zu of %zu bytes are kept)", (int) kept, payload, kept, length);
}

Document *invocation_new_document(const InvocationRecord *record) {
        CLEANUP(free) char *payload = kept_payload(record->payload, record->payload_length);
        Document *invocation = document_object(), *status = document_object();

        document_set_int(status, "code", record->code);
        document_set_string(status, "message", record->message);
        document_set_string(invocation, "webhook_id", record->webhook_id);
        document_set(invocation, "status", status);
        document_set(invocation, "jobs", record->jobs ? document_copy(record->jobs) : document_array());
        document_set_string(invocation, "payload", payload);
        if (record->provider)
                document_set_string(invocation, "provider", record->provider);
        if (record->event)
                document_set_string(invocation, "event", record->event);
        if (record->revision)
                document_set_string(invocation, "revision", record->revision);
        return invocation;
}
