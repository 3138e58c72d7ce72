#include "api/projection.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { FIELDS_MAX = 100 };

static bool is_flag(const Document *value) {
        int64_t number = document_int_value(value);

        return document_is_bool(value) || (document_is_int(value) && (number == 0 || number == 1));
}

static bool is_wanted(const Document *flag) {
        return document_is_true(flag) || document_int_value(flag) == 1;
}

bool projection_parse(const char *text, Document **ret, Error **err) {
        CLEANUP(error_free) Error *ignored = NULL;

        if (text_empty(text))
                return true;
        CLEANUP(document_free) Document *projection = document_parse(text, strlen(text), &ignored);
        bool sane = document_is_object(projection) && document_count(projection) <= FIELDS_MAX;
        for (void *i = sane ? document_first(projection) : NULL; i; i = document_next(projection, i))
                sane = sane && is_flag(document_child(i));
        if (!sane)
                return error_set(
                        err, ERROR_INVALID,
                        "projection: must be an object of fields, each 1 (only these) or 0 (all but these)");
        if (document_count(projection) > 0)
                *ret = TAKE(projection);
        return true;
}

/* What the projection says below one member: the fields that start with "name.", without that. */
static Document *below(const Document *projection, const char *name) {
        size_t length = strlen(name);
        Document *inner = document_object();

        for (void *i = document_first(projection); i; i = document_next(projection, i)) {
                const char *field = document_name(i);

                if (strncmp(field, name, length) == 0 && field[length] == '.')
                        document_set(inner, field + length + 1, document_copy(document_child(i)));
        }
        return inner;
}

static Document *project(const Document *projection, bool include, const Document *value, bool top);

static Document *project_members(const Document *projection, bool include, const Document *object, bool top) {
        Document *kept = document_object();

        for (void *i = document_first(object); i; i = document_next(object, i)) {
                const char *name = document_name(i);
                const Document *named = document_get_member(projection, name);
                CLEANUP(document_free) Document *inner = below(projection, name);

                bool whole = !include, bookkeeping = top && name[0] == '_';

                if (bookkeeping || (named && is_wanted(named) == include))
                        whole = bookkeeping || include;
                else if (document_count(inner) > 0) {
                        document_set(kept, name, project(inner, include, document_child(i), false));
                        continue;
                }
                if (whole)
                        document_set(kept, name, document_copy(document_child(i)));
        }
        return kept;
}

static Document *project(const Document *projection, bool include, const Document *value, bool top) {
        if (document_is_object(value))
                return project_members(projection, include, value, top);
        if (!document_is_array(value))
                return document_copy(value);
        Document *list = document_array();
        for (size_t i = 0; i < document_count(value); i++)
                document_append(list, project(projection, include, document_at(value, i), false));
        return list;
}

/* One field that is wanted makes it a list of what is wanted. */
static bool is_inclusive(const Document *projection) {
        for (void *i = document_first(projection); i; i = document_next(projection, i))
                if (is_wanted(document_child(i)))
                        return true;
        return false;
}

Document *projection_apply(const Document *projection, const Document *document) {
        if (!projection)
                return document_copy(document);
        return project(projection, is_inclusive(projection), document, true);
}
