#include "json/schema.h"

#include <regex.h>
#include <string.h>

#include "base/memory.h"

enum { STRING_MAX = 1024 * 1024, LIST_MAX = 1000, DEPTH_MAX = 16 };

typedef struct Check {
        SchemaUse use;
        int depth;
} Check;

/* The stored form, or NULL with *ret_issue: a string, or an object for parts. */
typedef Document *(*Checker)(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue);

static Document *refuse(Document **ret_issue, const char *format, ...) __attribute__((format(printf, 2, 3)));
static Document *refuse(Document **ret_issue, const char *format, ...) {
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *text = xvasprintf(format, args);
        va_end(args);
        *ret_issue = document_string(text);
        return NULL;
}

static bool matches(const char *pattern, const char *text) {
        regex_t regex;

        if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
                return false;
        bool found = regexec(&regex, text, 0, NULL, 0) == 0;
        regfree(&regex);
        return found;
}

static bool is_word(const char *const *words, const char *text) {
        while (*words && strcmp(*words, text) != 0)
                words++;
        return *words != NULL;
}

/* One fault is a string, several are a list. */
static void add_fault(Document **faults, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_fault(Document **faults, const char *format, ...) {
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *text = xvasprintf(format, args);
        va_end(args);
        if (!*faults) {
                *faults = document_string(text);
                return;
        }
        if (!document_is_array(*faults)) {
                Document *list = document_array();
                document_append(list, *faults);
                *faults = list;
        }
        document_append(*faults, document_string(text));
}

static Document *check_string(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        (void) check;
        if (!document_is_string(value))
                return refuse(ret_issue, "must be of string type");
        const char *text = document_value(value);
        size_t most = field->type == SCHEMA_STRING && field->max ? field->max : STRING_MAX;
        Document *faults = NULL;

        if (strlen(text) > most)
                add_fault(&faults, "max length is %zu", most);
        if (field->words && !is_word(field->words, text))
                add_fault(&faults, "unallowed value %.200s", text);
        if ((field->pattern && !matches(field->pattern, text)) ||
            (field->not_pattern && matches(field->not_pattern, text)))
                add_fault(
                        &faults, "value does not match regex '%s'",
                        field->shown_pattern ? field->shown_pattern : field->pattern);
        *ret_issue = faults;
        return faults ? NULL : document_string(text);
}

static Document *check_id(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        const char *text = document_value(value);

        (void) field, (void) check;
        if (!text || strspn(text, "0123456789abcdef") != 24 || text[24])
                return refuse(ret_issue, "must be of objectid type");
        return document_string(text);
}

static Document *check_bool(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        (void) field, (void) check;
        if (!document_is_bool(value))
                return refuse(ret_issue, "must be of boolean type");
        return document_copy(value);
}

static bool read_int(const Document *value, int64_t *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t number;

        if (document_is_number(value)) {
                *ret = document_int_value(value);
                return true;
        }
        if (!document_is_string(value) ||
            !text_parse_uint(document_value(value), 0, INT64_MAX, &number, &ignored))
                return false;
        *ret = (int64_t) number;
        return true;
}

static Document *check_int(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        int64_t number;

        (void) check;
        if (!read_int(value, &number))
                return refuse(ret_issue, "must be of integer type");
        if ((field->flags & SCHEMA_HAS_MIN) && number < field->min)
                return refuse(ret_issue, "min value is %lld", (long long) field->min);
        if (field->max && number > (int64_t) field->max)
                return refuse(ret_issue, "max value is %zu", field->max);
        return document_int(number);
}

static Document *apply(
        const Schema *schema, const Check *check, const Document *input, Document **ret_issues);

static Document *check_object(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        if (!document_is_object(value))
                return refuse(ret_issue, "must be of dict type");
        return field->schema ? apply(field->schema, check, value, ret_issue) : document_copy(value);
}

static Document *check_list(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        const Check inner = { .use = SCHEMA_INSERT,
                              .depth = check->depth }; /* lists are replaced, not merged */
        size_t most = field->max ? field->max : LIST_MAX;

        if (!document_is_array(value))
                return refuse(ret_issue, "must be of list type");
        if (document_count(value) > most)
                return refuse(ret_issue, "max length is %zu", most);

        CLEANUP(document_free) Document *list = document_array();
        CLEANUP(document_free) Document *issues = document_object();
        for (size_t i = 0; i < document_count(value); i++) {
                CLEANUP(free) char *index = xasprintf("%zu", i);
                Checker checker = field->schema ? check_object : check_string;
                Document *issue = NULL, *item = checker(field, &inner, document_at(value, i), &issue);

                if (item)
                        document_append(list, item);
                else
                        document_set(issues, index, issue);
        }
        if (document_count(issues) == 0)
                return TAKE(list);
        *ret_issue = TAKE(issues);
        return NULL;
}

static const Checker checkers[SCHEMA_TYPE_COUNT] = {
        [SCHEMA_STRING] = check_string, [SCHEMA_ID] = check_id,         [SCHEMA_BOOL] = check_bool,
        [SCHEMA_INT] = check_int,       [SCHEMA_OBJECT] = check_object, [SCHEMA_LIST] = check_list,
};

static Document *check_member(
        const SchemaField *field, const Check *check, const Document *value, Document **ret_issue) {
        if (field->flags & SCHEMA_READ_ONLY)
                return refuse(ret_issue, "field is read-only");
        if (document_is_null(value))
                return refuse(ret_issue, "null value not allowed");
        return checkers[field->type](field, check, value, ret_issue);
}

/* Clients write "not set" as null, and as "" where a field takes no empty word. */
static bool is_unset(const SchemaField *field, const Check *check, const Document *value) {
        const char *text = document_value(value);
        Document *issue = NULL;

        if (field->flags & (SCHEMA_REQUIRED | SCHEMA_REQUIRED_ON_INSERT))
                return false;
        if (document_is_null(value))
                return true;
        if (!text || *text || (field->flags & SCHEMA_READ_ONLY) || field->type == SCHEMA_OBJECT ||
            field->type == SCHEMA_LIST)
                return false;
        document_free(checkers[field->type](field, check, value, &issue));
        document_free(issue);
        return issue != NULL;
}

/* Not set is absent in what is inserted; in a patch null stays, to be taken out of what is stored. */
static void apply_unset(const SchemaField *field, const Check *check, Document *output) {
        if (field->fallback)
                document_set_string(output, field->name, field->fallback);
        else if (check->use == SCHEMA_PATCH && !(field->flags & SCHEMA_READ_ONLY))
                document_set(output, field->name, document_null());
}

static const SchemaField *find_field(const Schema *schema, const char *name) {
        for (size_t i = 0; i < schema->count; i++)
                if (strcmp(schema->fields[i].name, name) == 0)
                        return &schema->fields[i];
        return NULL;
}

static void apply_members(
        const Schema *schema, const Check *check, const Document *input, Document *output, Document *issues) {
        for (void *i = document_first(input); i; i = document_next(input, i)) {
                const SchemaField *field = find_field(schema, document_name(i));
                Document *issue = NULL, *value = NULL;

                if (field && is_unset(field, check, document_child(i))) {
                        apply_unset(field, check, output);
                        continue;
                }
                if (field)
                        value = check_member(field, check, document_child(i), &issue);
                else if (check->depth == 1 && strcmp(document_name(i), "_id") == 0)
                        value = document_copy(document_child(i));
                else
                        refuse(&issue, "unknown field");
                if (value)
                        document_set(output, document_name(i), value);
                else
                        document_set(issues, document_name(i), issue);
        }
}

static void apply_absent(
        const Schema *schema, const Check *check, const Document *input, Document *output, Document *issues) {
        unsigned required = SCHEMA_REQUIRED | (check->use == SCHEMA_INSERT ? SCHEMA_REQUIRED_ON_INSERT : 0);

        for (size_t i = 0; i < schema->count; i++) {
                const SchemaField *field = &schema->fields[i];

                if (document_get(input, field->name))
                        continue;
                if (field->flags & required)
                        document_set_string(issues, field->name, "required field");
                else if (field->fallback && check->use == SCHEMA_INSERT)
                        document_set_string(output, field->name, field->fallback);
        }
}

static Document *apply(
        const Schema *schema, const Check *check, const Document *input, Document **ret_issues) {
        const Check inner = { .use = check->use, .depth = check->depth + 1 };
        CLEANUP(document_free) Document *output = document_object();
        CLEANUP(document_free) Document *issues = document_object();

        if (inner.depth > DEPTH_MAX)
                return refuse(ret_issues, "nested too deeply");
        apply_members(schema, &inner, input, output, issues);
        apply_absent(schema, &inner, input, output, issues);
        if (document_count(issues) == 0)
                return TAKE(output);
        *ret_issues = TAKE(issues);
        return NULL;
}

static bool has_required(const SchemaField *field) {
        return field->flags & (SCHEMA_REQUIRED | SCHEMA_REQUIRED_ON_INSERT);
}

Document *schema_missing(const Schema *schema, const Document *document) {
        CLEANUP(document_free) Document *issues = document_object();

        for (size_t i = 0; i < schema->count; i++) {
                const SchemaField *field = &schema->fields[i];
                const Document *value = document_get_member(document, field->name);
                Document *inside = NULL;

                if (!value && has_required(field))
                        document_set_string(issues, field->name, "required field");
                else if (value && field->type == SCHEMA_OBJECT && field->schema)
                        inside = schema_missing(field->schema, value);
                if (inside)
                        document_set(issues, field->name, inside);
        }
        return document_count(issues) > 0 ? TAKE(issues) : NULL;
}

Document *schema_apply(const Schema *schema, SchemaUse use, const Document *input, Document **ret_issues) {
        const Check check = { .use = use };

        return apply(schema, &check, input, ret_issues);
}
