/* Schema: what the members of a document may be, as a table; checks a request field by field and brings it
 * into the form that is stored (numbers sent as text, defaults). The issues name every field that is wrong,
 * in the words of the REST contract. */
#pragma once

#include "json/document.h"

typedef struct Schema Schema;

typedef enum SchemaType {
        SCHEMA_STRING,
        SCHEMA_ID, /* 24 lowercase hex digits */
        SCHEMA_BOOL,
        SCHEMA_INT,
        SCHEMA_OBJECT, /* by .schema; without one any object */
        SCHEMA_LIST,   /* of objects by .schema, or of strings (.pattern, .words) without one */
        SCHEMA_TYPE_COUNT,
} SchemaType;

typedef enum SchemaFlags {
        SCHEMA_REQUIRED = 1 << 0,
        SCHEMA_READ_ONLY = 1 << 1,
        SCHEMA_REQUIRED_ON_INSERT = 1 << 2, /* a patch may leave it out: it is merged into what is stored */
        SCHEMA_HAS_MIN = 1 << 3,
        SCHEMA_WRITE_ONLY = 1 << 4,  /* a secret: whoever keeps it takes it out of what is shown */
        SCHEMA_MAY_BE_NULL = 1 << 5, /* in what is shown */
        SCHEMA_OF_LISTS = 1 << 6,    /* a list of such lists, in what is shown */
} SchemaFlags;

typedef struct SchemaField {
        const char *name;
        SchemaType type;
        unsigned flags;
        const char *pattern;       /* POSIX extended, of strings and of the strings of a list */
        const char *not_pattern;   /* a string that matches this is refused as well */
        const char *shown_pattern; /* in the issue; NULL: pattern */
        const char *const *words;  /* NULL-terminated: the only values */
        int64_t min;               /* SCHEMA_INT with SCHEMA_HAS_MIN */
        size_t max; /* bytes of a string, items of a list, an integer itself; 0: 1 MiB, 1,000, none */
        const char *fallback; /* string stored when absent */
        const Schema *schema;
} SchemaField;

struct Schema {
        const SchemaField *fields;
        size_t count;
};
#define SCHEMA(table)                                                                                        \
        { .fields = (table), .count = sizeof(table) / sizeof((table)[0]) }

typedef enum SchemaUse { SCHEMA_INSERT, SCHEMA_PATCH } SchemaUse;

/* The document as it is to be stored, or NULL with *ret_issues, an object: {"modules":{"0":{"name":"required
 * field"}}}; a field with several faults has a list of them. A top level "_id" is let through. null for an
 * optional field, and "" where it takes no empty word, mean "not set": absent after SCHEMA_INSERT, null after
 * SCHEMA_PATCH (what is stored loses it). */
Document *schema_apply(const Schema *schema, SchemaUse use, const Document *input, Document **ret_issues);

/* Required members that a whole document lacks, in its objects too; NULL when it has them all. What a patch
 * has made of a document is checked so. */
Document *schema_missing(const Schema *schema, const Document *document);
