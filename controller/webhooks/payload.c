#include "webhooks/payload.h"

#include <string.h>

enum { HASH_DIGITS = 40 };

static bool missing(const char *name, Error **err) {
        return error_set(err, ERROR_INVALID, "'%s'", name);
}

const Document *payload_object(const Document *object, const char *name, Error **err) {
        const Document *member = document_get_member(object, name);

        if (document_is_object(member))
                return member;
        (void) missing(name, err);
        return NULL;
}

const char *payload_string(const Document *object, const char *name, Error **err) {
        const Document *member = document_get_member(object, name);
        const char *text = document_value(member);

        if (!text_empty(text))
                return text;
        (void) missing(name, err);
        return NULL;
}

bool payload_add_urls(const Document *repository, const char *const *names, StringList *urls, Error **err) {
        size_t before = urls->count;

        for (const char *const *name = names; *name; name++) {
                const char *url = document_value(document_get_member(repository, *name));

                if (!text_empty(url))
                        string_list_add(urls, url);
        }
        return urls->count > before || missing(names[0], err);
}

bool payload_is_no_commit(const char *hash) {
        return strspn(hash, "0") >= HASH_DIGITS && hash[strspn(hash, "0")] == '\0';
}
