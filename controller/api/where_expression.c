#include "api/where_expression.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { NESTING_MAX = 8 };

typedef struct Parser {
        const char *at;
        int nesting;
} Parser;

static Document *parse_any(Parser *parser, Error **err);

static void skip_blanks(Parser *parser) {
        while (isspace((unsigned char) *parser->at))
                parser->at++;
}

static bool is_word(char c) {
        return isalnum((unsigned char) c) || c == '_' || c == '.' || c == '-';
}

/* Takes the text when it comes next; a word only as a whole. */
static bool take(Parser *parser, const char *text) {
        size_t length = strlen(text);

        skip_blanks(parser);
        if (strncmp(parser->at, text, length) != 0 ||
            (isalpha((unsigned char) text[0]) && is_word(parser->at[length])))
                return false;
        parser->at += length;
        return true;
}

static char *take_word(Parser *parser) {
        const char *begin;

        skip_blanks(parser);
        begin = parser->at;
        while (is_word(*parser->at))
                parser->at++;
        return parser->at > begin ? xstrndup(begin, (size_t) (parser->at - begin)) : NULL;
}

static Document *refuse(const Parser *parser, const char *expected, Error **err) {
        (void) error_set(err, ERROR_INVALID, "where: %s expected at '%.40s'", expected, parser->at);
        return NULL;
}

/* 'text' or "text"; a backslash keeps the next character. */
static Document *parse_quoted(Parser *parser, Error **err) {
        CLEANUP(text_clear) Text value = { 0 };
        char quote = *parser->at++;

        text_append(&value, "");
        for (; *parser->at && *parser->at != quote; parser->at++) {
                if (*parser->at == '\\' && parser->at[1])
                        parser->at++;
                text_append_bytes(&value, parser->at, 1);
        }
        if (!*parser->at)
                return refuse(parser, "the end of the text", err);
        parser->at++;
        return document_string(value.data);
}

/* Numbers and True, False, None as Python has them; any other word is a text. */
static Document *parse_word(Parser *parser, Error **err) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *word = take_word(parser);
        bool negative = word && word[0] == '-';
        uint64_t number;

        if (!word)
                return refuse(parser, "a value", err);
        if (strcmp(word, "True") == 0 || strcmp(word, "False") == 0)
                return document_bool(word[0] == 'T');
        if (strcmp(word, "None") == 0)
                return document_null();
        if (text_parse_uint(word + negative, 0, INT64_MAX, &number, &ignored))
                return document_int(negative ? -(int64_t) number : (int64_t) number);
        return document_string(word);
}

/* ObjectId("…") is its text. */
static Document *parse_value(Parser *parser, Error **err) {
        bool object_id = take(parser, "ObjectId") && take(parser, "(");

        skip_blanks(parser);
        CLEANUP(document_free)
        Document *value = *parser->at == '"' || *parser->at == '\'' ? parse_quoted(parser, err)
                                                                    : parse_word(parser, err);
        if (value && object_id && !take(parser, ")"))
                return refuse(parser, "')'", err);
        return TAKE(value);
}

static Document *parse_comparison(Parser *parser, Error **err) {
        static const char *const signs[][2] = {
                { "==", "$eq" },  { "!=", "$ne" }, { ">=", "$gte" },
                { "<=", "$lte" }, { ">", "$gt" },  { "<", "$lt" },
        };
        CLEANUP(free) char *field = take_word(parser);

        if (!field)
                return refuse(parser, "a field", err);
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
                if (!take(parser, signs[i][0]))
                        continue;
                Document *value = parse_value(parser, err), *operators, *comparison;
                if (!value)
                        return NULL;
                operators = document_object();
                comparison = document_object();
                document_set(operators, signs[i][1], value);
                document_set(comparison, field, operators);
                return comparison;
        }
        return refuse(parser, "a comparison", err);
}

/* NOLINTNEXTLINE(misc-no-recursion): NESTING_MAX ends it */
static Document *parse_one(Parser *parser, Error **err) {
        if (!take(parser, "("))
                return parse_comparison(parser, err);
        if (++parser->nesting > NESTING_MAX)
                return refuse(parser, "less nesting", err);
        CLEANUP(document_free) Document *inner = parse_any(parser, err);
        if (inner && !take(parser, ")"))
                return refuse(parser, "')'", err);
        parser->nesting--;
        return TAKE(inner);
}

typedef Document *(*Part)(Parser *parser, Error **err);

/* Parts between the same word; one alone is itself. */
/* NOLINTNEXTLINE(misc-no-recursion): NESTING_MAX ends it */
static Document *parse_group(Parser *parser, const char *word, const char *name, Part part, Error **err) {
        CLEANUP(document_free) Document *list = document_array();

        do {
                Document *one = part(parser, err);

                if (!one)
                        return NULL;
                document_append(list, one);
        } while (take(parser, word));
        if (document_count(list) == 1)
                return document_copy(document_at(list, 0));
        Document *group = document_object();
        document_set(group, name, TAKE(list));
        return group;
}

static Document *parse_all(Parser *parser, Error **err) {
        return parse_group(parser, "and", "$and", parse_one, err);
}

static Document *parse_any(Parser *parser, Error **err) {
        return parse_group(parser, "or", "$or", parse_all, err);
}

Document *where_expression_parse(const char *text, Error **err) {
        Parser parser = { .at = text };
        CLEANUP(document_free) Document *where = parse_any(&parser, err);

        skip_blanks(&parser);
        if (where && *parser.at)
                return refuse(&parser, "the end", err);
        return TAKE(where);
}
