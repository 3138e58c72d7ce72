#include "harness/ghost_test.h"

#include <string.h>

#include "api/where.h"
#include "base/memory.h"

static const char item_text[] =
        "{\"_id\":\"0123\",\"name\":\"shop\",\"env\":\"dev\",\"count\":3,\"ami\":null,"
        "\"modules\":[{\"name\":\"web\",\"rev\":\"v1\"},{\"name\":\"conf\"}],\"tags\":[\"a\",\"b\"],"
        "\"autoscale\":{\"min\":2}}";

static Document *parse(const char *text) {
        Document *document = NULL;

        assert_ok(document = document_parse(text, strlen(text), err));
        return document;
}

static bool matches(const char *filter) {
        CLEANUP(document_free) Document *item = parse(item_text), *where = parse(filter);

        assert_ok(where_check(where, err));
        return where_matches(where, item);
}

static void values_and_paths_are_compared(void **state) {
        (void) state;
        assert_true(matches("{}"));
        assert_true(matches("{\"name\":\"shop\",\"env\":\"dev\"}"));
        assert_false(matches("{\"name\":\"shop\",\"env\":\"prod\"}"));
        assert_true(matches("{\"autoscale.min\":2}"));
        assert_true(matches("{\"modules.name\":\"conf\"}"));
        assert_false(matches("{\"modules.name\":\"none\"}"));
        assert_true(matches("{\"tags\":\"b\"}"));
        assert_true(matches("{\"ami\":null,\"absent\":null}"));
        assert_false(matches("{\"absent\":\"x\"}"));
        assert_false(matches("{\"count\":\"3\"}"));
}

static void operators_work(void **state) {
        (void) state;
        assert_true(matches("{\"name\":{\"$regex\":\"^sh.p$\"}}"));
        assert_false(matches("{\"name\":{\"$regex\":\"^ho\"}}"));
        assert_true(matches("{\"_id\":{\"$in\":[\"x\",\"0123\"]}}"));
        assert_true(matches("{\"_id\":{\"$nin\":[\"x\"]},\"env\":{\"$ne\":\"prod\"}}"));
        assert_true(matches("{\"count\":{\"$gt\":2,\"$lte\":3}}"));
        assert_false(matches("{\"count\":{\"$lt\":3}}"));
        assert_true(matches("{\"count\":{\"$exists\":true},\"nope\":{\"$exists\":false}}"));
        assert_true(matches("{\"$or\":[{\"name\":\"x\"},{\"env\":\"dev\"}]}"));
        assert_false(matches("{\"$and\":[{\"name\":\"x\"},{\"env\":\"dev\"}]}"));
}

static void refused(const char *filter, const char *message) {
        CLEANUP(document_free) Document *where = parse(filter);

        assert_fails(ERROR_INVALID, message, where_check(where, err));
}

static void unsafe_or_unknown_filters_are_refused(void **state) {
        (void) state;
        refused("[]", "where: must be an object");
        refused("{\"$where\":\"sleep()\"}", "where: unknown operator '$where'");
        refused("{\"a\":{\"$near\":1}}", "where: unknown operator '$near'");
        refused("{\"a\":{\"$regex\":\"(\"}}", "where: '(' is not a regular expression");
        refused("{\"a\":{\"$regex\":\"(a{1,200}){1,200}\"}}", "where: the regular expression is too complex");
        refused("{\"a\":{\"$in\":\"x\"}}", "where: $in needs a list of a reasonable length");
        refused("{\"$or\":[]}", "where: $or needs a list of 1 to 100 filters");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_and_paths_are_compared),
                cmocka_unit_test(operators_work),
                cmocka_unit_test(unsafe_or_unknown_filters_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
