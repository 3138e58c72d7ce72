#include "store/audit_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

/* Never shown to anybody, whatever document they are in. */
static bool is_secret(const char *name) {
        static const char *const secrets[] = { "secret_token", "password", "old_password", "token" };

        for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
                if (strcmp(secrets[i], name) == 0)
                        return true;
        return name[0] == '_';
}

static void note_member(Document *change, const char *name, const Document *from, const Document *to) {
        if (is_secret(name) || (from && to && document_equal(from, to)))
                return;
        Document *member = document_object();
        if (from)
                document_set(member, "from", document_copy(from));
        if (to)
                document_set(member, "to", document_copy(to));
        document_set(change, name, member);
}

static Document *change_between(const Document *before, const Document *after) {
        Document *change = document_object();

        for (void *i = document_first(before); i; i = document_next(before, i))
                note_member(
                        change, document_name(i), document_child(i),
                        document_get_member(after, document_name(i)));
        for (void *i = document_first(after); i; i = document_next(after, i))
                if (!document_get_member(before, document_name(i)))
                        note_member(change, document_name(i), NULL, document_child(i));
        return change;
}

static Document *names_only(const Document *change) {
        Document *names = document_object();

        for (void *i = document_first(change); i; i = document_next(change, i))
                document_set(names, document_name(i), document_object());
        return names;
}

static Document *bounded_change(const AuditEntry *entry) {
        CLEANUP(document_free) Document *change = change_between(entry->before, entry->after);
        CLEANUP(free) char *text = document_text(change);

        return strlen(text) > AUDIT_CHANGE_MAX_BYTES ? names_only(change) : TAKE(change);
}

static void set_known(Document *document, const char *name, const char *value) {
        if (!text_empty(value))
                document_set_string(document, name, value);
}

bool audit_store_add(Store *store, const AuditEntry *entry, Error **err) {
        CLEANUP(document_free) Document *document = document_object();
        CLEANUP(free) char *now = clock_format_http(clock_now_us());
        size_t resource_length = strcspn(entry->action, " ");
        CLEANUP(free) char *resource = xstrndup(entry->action, resource_length);
        const char *action = entry->action + resource_length;

        document_set_string(document, "at", now);
        set_known(document, "user", entry->user);
        set_known(document, "via", entry->via);
        set_known(document, "address", entry->address);
        set_known(document, "request", entry->request);
        document_set_string(document, "resource", resource);
        document_set_string(document, "action", action + strspn(action, " "));
        document_set_string(document, "target", entry->target);
        if (entry->before || entry->after)
                document_set(document, "change", bounded_change(entry));
        return collection_insert(store, COLLECTION_AUDIT, document, NULL, err);
}
