#include "harness/ghost_test.h"

#include <string.h>

#include "api/list_request.h"
#include "base/memory.h"

static bool read_query(const char *raw, ListRequest *ret, Error **why) {
        Request request = { 0 };

        assert_ok(target_parse(raw, &request.target, err));
        bool ok = list_request_read(&request, ret, why);
        request_clear(&request);
        return ok;
}

/* The names of the page asked for. */
static char *names(const char *raw, uint64_t *ret_total) {
        static const char text[] =
                "[{\"name\":\"b\",\"n\":1},{\"name\":\"a\",\"n\":2},{\"name\":\"c\",\"n\":2},{\"n\":0}]";
        CLEANUP(list_request_clear) ListRequest query = { 0 };
        CLEANUP(text_clear) Text found = { 0 };
        Document *items = NULL;

        assert_ok(read_query(raw, &query, err));
        assert_ok(items = document_parse(text, strlen(text), err));
        CLEANUP(document_free) Document *page = list_request_apply(&query, items, ret_total);
        for (size_t i = 0; i < document_count(page); i++)
                text_appendf(&found, "%s ", document_get_string(document_at(page, i), "name"));
        return text_take(&found);
}

static void assert_names(const char *raw, const char *expected, uint64_t total) {
        uint64_t counted;
        CLEANUP(free) char *found = names(raw, &counted);

        assert_string_equal(found, expected);
        assert_int_equal(counted, total);
}

static void pages_are_cut(void **state) {
        (void) state;
        assert_names("/x?max_results=2", "b a ", 4);
        assert_names("/x?max_results=2&page=2", "c  ", 4);
        assert_names("/x?max_results=2&page=3", "", 4);
        assert_names("/x?max_results=2&page=0", "b a ", 4);
        assert_names("/x?max_results=-1&page=x", "b a c  ", 4);
        assert_names("/x?page=1000000000", "", 4);
}

static void sizes_have_a_default_and_a_cap(void **state) {
        CLEANUP(list_request_clear) ListRequest plain = { 0 }, greedy = { 0 };

        (void) state;
        assert_ok(read_query("/x?max_results=0", &plain, err));
        assert_int_equal(plain.max_results, 23);
        assert_ok(read_query("/x?max_results=5000", &greedy, err));
        assert_int_equal(greedy.max_results, 200);
}

static void several_keys_order_the_list(void **state) {
        (void) state;
        assert_names("/x?sort=name", " a b c ", 4);
        assert_names("/x?sort=-n,name", "a c b  ", 4);
        assert_names("/x?sort=%5B(%22n%22,-1),(%22name%22,-1)%5D", "c a b  ", 4);
        assert_names("/x?sort=unknown", "b a c  ", 4);
}

static void filters_come_as_json_or_expression(void **state) {
        (void) state;
        assert_names("/x?where={\"n\":2}&max_results=1", "a ", 2);
        assert_names("/x?where=name==%22a%22", "a ", 1);
        assert_names("/x?where=name==c", "c ", 1);
        assert_names("/x?where=", "b a c  ", 4);
}

static void what_cannot_be_read_is_refused(void **state) {
        CLEANUP(error_free) Error *error = NULL;
        ListRequest query = { 0 };

        (void) state;
        assert_false(read_query("/x?where={bad", &query, &error));
        assert_int_equal(error_kind(error), ERROR_INVALID);
        assert_fails(ERROR_INVALID, "sort: unreadable", read_query("/x?sort=a(b", &query, err));
        assert_fails(ERROR_INVALID, "sort: unreadable", read_query("/x?sort=%5B%5D", &query, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pages_are_cut),
                cmocka_unit_test(sizes_have_a_default_and_a_cap),
                cmocka_unit_test(several_keys_order_the_list),
                cmocka_unit_test(filters_come_as_json_or_expression),
                cmocka_unit_test(what_cannot_be_read_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
