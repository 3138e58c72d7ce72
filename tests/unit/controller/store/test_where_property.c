/* Random documents, random conditions: what the store finds is what a plain reading of Mongo's rules finds.
 * The reading here collects every value a path leads to and looks at them; it shares no code with the store.
 */
#include "harness/store_case.h"

#include <stdlib.h>

#include "base/crypto.h"

enum { DOCUMENTS = 60, ROUNDS = 400 };

static uint32_t seed;

/* xorshift: the same on every machine. */
static uint32_t dice(uint32_t sides) {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        return seed % sides;
}

static const char *const words[] = { "deploy", "build", "a", "b", "", "ab", "1" };
#define WORD() words[dice(7)]

static Document *random_value(void) {
        switch (dice(6)) {
        case 0:
                return document_int((int64_t) dice(4) - 1);
        case 1:
                return document_bool(dice(2));
        case 2:
                return document_null();
        default:
                return document_string(WORD());
        }
}

static Document *random_module(void) {
        Document *module = document_object();

        document_set_string(module, "name", WORD());
        if (dice(2))
                document_set(module, "rev", random_value());
        return module;
}

static Document *random_list(bool of_modules) {
        Document *list = document_array();

        for (uint32_t i = dice(4); i > 0; i--)
                document_append(list, of_modules ? random_module() : random_value());
        return list;
}

/* "command" and "status" are columns and texts, as the schema has it; the rest is anything. */
static Document *random_document(void) {
        Document *document = document_object(), *inside = document_object();

        document_set_string(document, "command", WORD());
        if (dice(2))
                document_set_string(document, "status", WORD());
        if (dice(4))
                document_set(document, "n", random_value());
        if (dice(3))
                document_set(document, "options", random_list(false));
        if (dice(3))
                document_set(document, "modules", random_list(true));
        document_set(inside, "x", random_value());
        if (dice(2))
                document_set(document, "inside", inside);
        else
                document_free(inside);
        return document;
}

static Document *random_condition(int depth);

static Document *random_conditions(int depth) {
        Document *list = document_array();

        for (uint32_t i = dice(3) + 1; i > 0; i--)
                document_append(list, random_condition(depth));
        return list;
}

static Document *random_values(void) {
        Document *list = document_array();

        for (uint32_t i = dice(4); i > 0; i--)
                document_append(list, random_value());
        return list;
}

static Document *random_operators(void) {
        static const char *const plain[] = { "$eq", "$ne", "$gt", "$gte", "$lt", "$lte" };
        static const char *const patterns[] = { "^a", "b$", "e", "^$", "." };
        Document *operators = document_object(), *inner;

        switch (dice(10)) {
        case 0:
                document_set(operators, "$in", random_values());
                break;
        case 1:
                document_set(operators, "$nin", random_values());
                break;
        case 2:
                document_set_bool(operators, "$exists", dice(2));
                break;
        case 3:
                document_set_string(operators, "$regex", patterns[dice(5)]);
                break;
        case 4:
                inner = document_object();
                document_set(inner, "$gt", random_value());
                document_set(operators, "$not", inner);
                break;
        default:
                document_set(operators, plain[dice(6)], random_value());
                if (dice(3) == 0)
                        document_set(operators, plain[dice(6)], random_value());
        }
        return operators;
}

static Document *random_condition(int depth) {
        static const char *const fields[] = { "command",       "status",   "n",           "options",
                                              "modules.name",  "inside.x", "modules.rev", "options.0",
                                              "modules.1.rev", "nowhere" };
        static const char *const groups[] = { "$and", "$or", "$nor" };
        Document *condition = document_object();

        if (depth > 0 && dice(3) == 0) {
                document_set(condition, groups[dice(3)], random_conditions(depth - 1));
                return condition;
        }
        for (uint32_t i = dice(2) + 1; i > 0; i--)
                document_set(condition, fields[dice(10)], dice(2) ? random_operators() : random_value());
        return condition;
}

/* The plain reading. */

static void collect(const Document *value, const char *path, Document *found) {
        size_t length = strcspn(path, ".");

        if (!*path) {
                document_append(found, document_copy(value));
                return;
        }
        const char *rest = path + length + (path[length] == '.');
        CLEANUP(free) char *part = xstrndup(path, length);
        if (document_is_object(value) && document_get_member(value, part))
                collect(document_get_member(value, part), rest, found);
        if (!document_is_array(value))
                return;
        if (part[0] >= '0' && part[0] <= '9' && (size_t) strtol(part, NULL, 10) < document_count(value))
                collect(document_at(value, (size_t) strtol(part, NULL, 10)), rest, found);
        for (size_t i = 0; i < document_count(value); i++)
                if (document_is_object(document_at(value, i)))
                        collect(document_at(value, i), path, found);
}

static bool ordered(const Document *a, const Document *b, const char *op) {
        int order;

        if (document_is_int(a) && document_is_int(b))
                order = document_int_value(a) < document_int_value(b)   ? -1
                        : document_int_value(a) > document_int_value(b) ? 1
                                                                        : 0;
        else if (document_is_string(a) && document_is_string(b))
                order = strcmp(document_value(a), document_value(b));
        else
                return false;
        if (strcmp(op, "$gt") == 0)
                return order > 0;
        if (strcmp(op, "$gte") == 0)
                return order >= 0;
        return strcmp(op, "$lt") == 0 ? order < 0 : order <= 0;
}

static bool like(const Document *value, const char *pattern) {
        const char *text = document_value(value);
        size_t length = text ? strlen(text) : 0;

        if (!text)
                return false;
        if (strcmp(pattern, "^a") == 0)
                return text[0] == 'a';
        if (strcmp(pattern, "b$") == 0)
                return length > 0 && text[length - 1] == 'b';
        if (strcmp(pattern, "e") == 0)
                return strchr(text, 'e') != NULL;
        return strcmp(pattern, "^$") == 0 ? length == 0 : length > 0;
}

static bool one_fits(const Document *value, const char *op, const Document *operand) {
        if (strcmp(op, "$eq") == 0)
                return document_equal(value, operand);
        if (strcmp(op, "$regex") == 0)
                return like(value, document_value(operand));
        if (strcmp(op, "$in") != 0)
                return ordered(value, operand, op);
        for (size_t i = 0; i < document_count(operand); i++)
                if (document_equal(value, document_at(operand, i)))
                        return true;
        return false;
}

static bool any_fits(const Document *document, const char *field, const char *op, const Document *operand) {
        CLEANUP(document_free) Document *found = document_array();
        CLEANUP(document_free) Document *null = document_null();

        collect(document, field, found);
        if (strcmp(op, "$exists") == 0)
                return (document_count(found) > 0) == document_is_true(operand);
        if (document_count(found) == 0)
                return strcmp(op, "$gte") != 0 && strcmp(op, "$lte") != 0 && one_fits(null, op, operand);
        for (size_t i = 0; i < document_count(found); i++) {
                const Document *value = document_at(found, i);

                if (one_fits(value, op, operand))
                        return true;
                for (size_t j = 0; document_is_array(value) && j < document_count(value); j++)
                        if (one_fits(document_at(value, j), op, operand))
                                return true;
        }
        return false;
}

static bool operators_fit(const Document *document, const char *field, const Document *operators) {
        for (void *i = document_first(operators); i; i = document_next(operators, i)) {
                const char *op = document_name(i);
                const Document *operand = document_child(i);
                bool fits;

                if (strcmp(op, "$ne") == 0)
                        fits = !any_fits(document, field, "$eq", operand);
                else if (strcmp(op, "$nin") == 0)
                        fits = !any_fits(document, field, "$in", operand);
                else if (strcmp(op, "$not") == 0)
                        fits = !operators_fit(document, field, operand);
                else
                        fits = any_fits(document, field, op, operand);
                if (!fits)
                        return false;
        }
        return true;
}

static bool fits(const Document *document, const Document *condition);

static bool group_fits(const Document *document, const char *name, const Document *list) {
        size_t count = 0;

        for (size_t i = 0; i < document_count(list); i++)
                count += fits(document, document_at(list, i));
        if (strcmp(name, "$nor") == 0)
                return count == 0;
        return strcmp(name, "$and") == 0 ? count == document_count(list) : count > 0;
}

static bool fits(const Document *document, const Document *condition) {
        for (void *i = document_first(condition); i; i = document_next(condition, i)) {
                const char *name = document_name(i);
                const Document *value = document_child(i);
                bool ok = name[0] == '$'              ? group_fits(document, name, value)
                          : document_is_object(value) ? operators_fit(document, name, value)
                                                      : any_fits(document, name, "$eq", value);

                if (!ok)
                        return false;
        }
        return true;
}

static void the_store_finds_what_the_rules_say(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *all = NULL;

        crypto_random(&seed, sizeof(seed));
        seed |= 1;
        uint32_t first = seed;
        for (int i = 0; i < DOCUMENTS; i++) {
                CLEANUP(document_free) Document *document = random_document();
                assert_ok(collection_insert(store, COLLECTION_JOBS, document, NULL, err));
        }
        assert_ok(collection_find(store, COLLECTION_JOBS, NULL, &all, err));

        for (int round = 0; round < ROUNDS; round++) {
                CLEANUP(document_free) Document *condition = random_condition(3);
                CLEANUP(document_free) Document *found = NULL;
                CLEANUP(document_free) Document *expected = document_array();
                CLEANUP(free) char *text = document_text(condition);

                for (size_t i = 0; i < document_count(all); i++)
                        if (fits(document_at(all, i), condition))
                                document_append(expected, document_copy(document_at(all, i)));
                assert_ok(collection_find(store, COLLECTION_JOBS, condition, &found, err));
                if (!document_equal(found, expected))
                        fail_msg(
                                "seed %u, round %d: %s finds %zu, not %zu", first, round, text,
                                document_count(found), document_count(expected));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(the_store_finds_what_the_rules_say),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
