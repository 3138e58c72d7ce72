/* What a Mongo-style condition on one field means for a document: dotted paths that reach into lists, values
 * compared by type. The reference for conditions that no column of a table answers. */
#pragma once

#include "base/names.h"
#include "base/pattern.h"
#include "base/text.h"
#include "json/document.h"

typedef enum MatchOperator {
        MATCH_EQ,
        MATCH_IN,
        MATCH_GT,
        MATCH_GTE,
        MATCH_LT,
        MATCH_LTE,
        MATCH_EXISTS,
        MATCH_REGEX,
        MATCH_OPERATOR_COUNT,
} MatchOperator;

/* "$eq", "$in", … */
extern const Names match_operator_names;

typedef struct FieldCondition {
        StringList path; /* of the field, split at its dots */
        MatchOperator op;
        Document *operand; /* MATCH_IN: a list; MATCH_EXISTS: a bool */
        Pattern *pattern;  /* MATCH_REGEX */
} FieldCondition;
void field_condition_clear(FieldCondition *condition);

typedef enum FieldMatch { FIELD_MISSES, FIELD_MATCHES, FIELD_TOO_COSTLY } FieldMatch;

FieldMatch field_match(const FieldCondition *condition, const Document *document);
