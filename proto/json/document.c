#include "json/document.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NAME_MAX_BYTES = 256 };

static bool depth_within(const json_t *json, int left) {
        const char *name;
        json_t *child;
        size_t index;

        if (left == 0)
                return false;
        json_object_foreach((json_t *) json, name, child) {
                if (!depth_within(child, left - 1))
                        return false;
        }
        json_array_foreach((json_t *) json, index, child) {
                if (!depth_within(child, left - 1))
                        return false;
        }
        return true;
}

Document *document_parse(const char *text, size_t length, Error **err) {
        CLEANUP(document_free) json_t *json = NULL;
        json_error_t problem;

        if (length > DOCUMENT_MAX_BYTES) {
                (void) error_set(err, ERROR_INVALID, "not JSON: more than %d bytes", DOCUMENT_MAX_BYTES);
                return NULL;
        }
        json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
        if (!json) {
                (void) error_set(
                        err, ERROR_INVALID, "not JSON: line %d, column %d: %s", problem.line, problem.column,
                        problem.text);
                return NULL;
        }
        if (!depth_within(json, DOCUMENT_MAX_DEPTH)) {
                (void) error_set(err, ERROR_INVALID, "not JSON: nested deeper than %d", DOCUMENT_MAX_DEPTH);
                return NULL;
        }
        return TAKE(json);
}

void document_free(Document *document) {
        json_decref(document);
}

static json_t *or_abort(json_t *json) {
        if (!json)
                abort();
        return json;
}

Document *document_copy(const Document *document) {
        return or_abort(json_deep_copy(document));
}

static char *dump(const Document *document, size_t flags) {
        char *text = json_dumps(document, flags | JSON_ENCODE_ANY);

        if (!text)
                abort();
        return text;
}

char *document_text(const Document *document) {
        return dump(document, JSON_COMPACT);
}

char *document_canonical(const Document *document) {
        return dump(document, JSON_COMPACT | JSON_SORT_KEYS);
}

char *document_pretty(const Document *document) {
        return dump(document, JSON_INDENT(4));
}

bool document_equal(const Document *a, const Document *b) {
        return json_equal(a, b);
}

Document *document_object(void) {
        return or_abort(json_object());
}

Document *document_array(void) {
        return or_abort(json_array());
}

/* Log lines and commit subjects may hold any bytes; a reply must still be UTF-8. */
static json_t *repaired(const char *value) {
        CLEANUP(text_clear) Text text = { 0 };

        text_append(&text, "");
        for (const char *at = value; *at;) {
                size_t length = 1;

                while (length < 4 && at[length] && !text_is_utf8(at, length))
                        length++;
                if (text_is_utf8(at, length)) {
                        text_append_bytes(&text, at, length);
                        at += length;
                } else {
                        text_append(&text, "\xef\xbf\xbd");
                        at++;
                }
        }
        return or_abort(json_string(text.data));
}

Document *document_string(const char *value) {
        if (!value)
                return json_null();

        json_t *json = json_string(value);
        return json ? json : repaired(value);
}

Document *document_int(int64_t value) {
        return or_abort(json_integer(value));
}

Document *document_bool(bool value) {
        return json_boolean(value);
}

Document *document_null(void) {
        return json_null();
}

void document_set(Document *object, const char *name, Document *value) {
        if (json_object_set_new(object, name, value) != 0)
                abort();
}

void document_set_string(Document *object, const char *name, const char *value) {
        document_set(object, name, document_string(value));
}

void document_set_int(Document *object, const char *name, int64_t value) {
        document_set(object, name, document_int(value));
}

void document_set_bool(Document *object, const char *name, bool value) {
        document_set(object, name, document_bool(value));
}

void document_remove(Document *object, const char *name) {
        (void) json_object_del(object, name);
}

void document_append(Document *array, Document *value) {
        if (json_array_append_new(array, value) != 0)
                abort();
}

bool document_is_object(const Document *document) {
        return json_is_object(document);
}

bool document_is_array(const Document *document) {
        return json_is_array(document);
}

bool document_is_string(const Document *document) {
        return json_is_string(document);
}

bool document_is_null(const Document *document) {
        return json_is_null(document);
}

bool document_is_int(const Document *document) {
        return json_is_integer(document);
}

bool document_is_number(const Document *document) {
        return json_is_number(document);
}

bool document_is_true(const Document *document) {
        return json_is_true(document);
}

bool document_is_bool(const Document *document) {
        return json_is_boolean(document);
}

static const json_t *step(const json_t *json, const char *name) {
        if (json_is_object(json))
                return json_object_get(json, name);
        if (json_is_array(json)) {
                CLEANUP(error_free) Error *why = NULL;
                uint64_t index = 0;

                return text_parse_uint(name, 0, UINT32_MAX, &index, &why) ? json_array_get(json, index)
                                                                          : NULL;
        }
        return NULL;
}

const Document *document_get(const Document *document, const char *path) {
        while (document) {
                const char *dot = strchrnul(path, '.');
                char name[NAME_MAX_BYTES];

                if ((size_t) (dot - path) >= sizeof(name))
                        return NULL;
                memcpy(name, path, (size_t) (dot - path));
                name[dot - path] = '\0';
                document = step(document, name);
                if (!*dot)
                        return document;
                path = dot + 1;
        }
        return NULL;
}

const Document *document_get_member(const Document *object, const char *name) {
        return json_object_get(object, name);
}

const char *document_get_string(const Document *document, const char *path) {
        const char *value = document_value(document_get(document, path));

        return value ? value : "";
}

int64_t document_get_int(const Document *document, const char *path) {
        return json_integer_value(document_get(document, path));
}

bool document_get_bool(const Document *document, const char *path) {
        return json_is_true(document_get(document, path));
}

size_t document_count(const Document *document) {
        return json_is_object(document) ? json_object_size(document) : json_array_size(document);
}

const Document *document_at(const Document *array, size_t index) {
        return json_array_get(array, index);
}

const char *document_value(const Document *string) {
        return json_string_value(string);
}

int64_t document_int_value(const Document *number) {
        double value = json_real_value(number); /* 0 for an integer */

        if (!json_is_real(number))
                return json_integer_value(number);
        if (value >= -(double) INT64_MIN)
                return INT64_MAX;
        return value <= (double) INT64_MIN ? INT64_MIN : (int64_t) value;
}

double document_number(const Document *number) {
        return json_number_value(number);
}

void *document_first(const Document *object) {
        return json_object_iter((json_t *) object);
}

void *document_next(const Document *object, void *iterator) {
        return json_object_iter_next((json_t *) object, iterator);
}

const char *document_name(void *iterator) {
        return json_object_iter_key(iterator);
}

const Document *document_child(void *iterator) {
        return json_object_iter_value(iterator);
}
