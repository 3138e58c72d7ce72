/* Where something was made is known once and for good. */
#include "harness/store_case.h"

#include "store/aws_place_store.h"

static void a_place_is_noted_once(void **state) {
        StoreCase *test = *state;
        AwsPlaceRow own = { .region = (char *) "eu-west-1" };
        AwsPlaceRow other = { .region = (char *) "eu-west-1",
                              .account_id = (char *) "210987654321",
                              .role_name = (char *) "deployer",
                              .external_id = (char *) "x" };
        CLEANUP(aws_place_rows_clear) AwsPlaceRows rows = { 0 };

        assert_ok(aws_place_store_note(test->store, &own, err));
        assert_ok(aws_place_store_note(test->store, &other, err));
        assert_ok(aws_place_store_note(test->store, &own, err));
        assert_ok(aws_place_store_list(test->store, &rows, err));
        assert_int_equal(rows.count, 2);
        assert_string_equal(rows.items[0].account_id, "");
        assert_string_equal(rows.items[0].region, "eu-west-1");
        assert_string_equal(rows.items[1].account_id, "210987654321");
        assert_string_equal(rows.items[1].role_name, "deployer");
        assert_string_equal(rows.items[1].external_id, "x");
        assert_string_equal(rows.items[1].role_region, "");
}

static void at_first_there_is_none(void **state) {
        StoreCase *test = *state;
        CLEANUP(aws_place_rows_clear) AwsPlaceRows rows = { 0 };

        assert_ok(aws_place_store_list(test->store, &rows, err));
        assert_int_equal(rows.count, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_place_is_noted_once),
                STORE_TEST(at_first_there_is_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
