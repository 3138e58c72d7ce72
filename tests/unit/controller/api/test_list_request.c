#include "harness/ghost_test.h"

#include <string.h>

#include "api/list_request.h"
#include "base/memory.h"

static bool read_request(const char *raw, ListRequest *ret, Error **why) {
        Request request = { 0 };

        assert_ok(target_parse(raw, &request.target, err));
        bool ok = list_request_read(&request, ret, why);
        request_clear(&request);
        return ok;
}

static void assert_page(const char *raw, uint64_t page, uint64_t max_results) {
        CLEANUP(list_request_clear) ListRequest list = { 0 };

        assert_ok(read_request(raw, &list, err));
        assert_int_equal(list.page, page);
        assert_int_equal(list.max_results, max_results);
}

static void pages_have_defaults_and_a_cap(void **state) {
        (void) state;
        assert_page("/x", 1, 23);
        assert_page("/x?page=3&max_results=7", 3, 7);
        assert_page("/x?page=0&max_results=0", 1, 23);
        assert_page("/x?page=-2&max_results=many", 1, 23);
        assert_page("/x?max_results=5000", 1, 200);
}

static void assert_sort(const char *raw, const char *sort) {
        CLEANUP(list_request_clear) ListRequest list = { 0 };

        assert_ok(read_request(raw, &list, err));
        assert_string_equal(list.sort, sort);
}

static void orders_come_in_two_spellings(void **state) {
        (void) state;
        assert_sort("/x?sort=-_updated,name", "-_updated,name");
        assert_sort("/x?sort=%5B(%22name%22,-1),%20('env',%201)%5D", "-name,env");
}

static void assert_where(const char *raw, const char *where) {
        CLEANUP(list_request_clear) ListRequest list = { 0 };

        assert_ok(read_request(raw, &list, err));
        CLEANUP(free) char *text = list.where ? document_canonical(list.where) : xstrdup("");
        assert_string_equal(text, where);
}

static void filters_come_as_json_or_expression(void **state) {
        (void) state;
        assert_where("/x?where=%7B%22n%22:2%7D", "{\"n\":2}");
        assert_where("/x?where=name==%22a%22", "{\"name\":{\"$eq\":\"a\"}}");
        assert_where("/x?where=role==worker", "{\"role\":{\"$eq\":\"worker\"}}");
        assert_where("/x?where=", "");
        assert_where("/x", "");
}

static void what_cannot_be_read_is_refused(void **state) {
        CLEANUP(error_free) Error *error = NULL;
        ListRequest list = { 0 };

        (void) state;
        assert_false(read_request("/x?where=%7Bbad", &list, &error));
        assert_int_equal(error_kind(error), ERROR_INVALID);
        assert_fails(ERROR_INVALID, "where: must be an object", read_request("/x?where=%5B%5D", &list, err));
        assert_fails(ERROR_INVALID, "sort: unreadable", read_request("/x?sort=a(b", &list, err));
        assert_fails(ERROR_INVALID, "sort: unreadable", read_request("/x?sort=%5B%5D", &list, err));
        assert_fails(
                ERROR_INVALID, "Unable to parse `embedded` clause",
                read_request("/x?embedded=app_id", &list, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pages_have_defaults_and_a_cap),
                cmocka_unit_test(orders_come_in_two_spellings),
                cmocka_unit_test(filters_come_as_json_or_expression),
                cmocka_unit_test(what_cannot_be_read_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
