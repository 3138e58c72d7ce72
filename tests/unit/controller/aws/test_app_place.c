/* An application's region and role. */
#include "harness/ghost_test.h"
#include "harness/json_text.h"

#include "aws/app_place.h"

static void nothing_named_is_the_controllers_own(void **state) {
        CLEANUP(document_free) Document *app = json_of("{'name':'shop','region':''}");
        AppPlace place;

        (void) state;
        app_place_read(app, &place);
        assert_null(place.region);
        assert_null(app_place_role(&place));
}

static void a_role_needs_account_and_name(void **state) {
        CLEANUP(document_free)
        Document *half = json_of("{'region':'eu-west-1','assumed_account_id':'210987654321'}");
        CLEANUP(document_free)
        Document *whole = json_of("{'assumed_account_id':'210987654321','assumed_role_name':'deployer','"
                                  "assumed_external_id':'x',"
                                  "'assumed_region_name':'eu-west-3'}");
        AppPlace place;

        (void) state;
        app_place_read(half, &place);
        assert_string_equal(place.region, "eu-west-1");
        assert_null(app_place_role(&place));
        app_place_read(whole, &place);
        assert_string_equal(app_place_role(&place)->account_id, "210987654321");
        assert_string_equal(app_place_role(&place)->name, "deployer");
        assert_string_equal(app_place_role(&place)->external_id, "x");
        assert_string_equal(app_place_role(&place)->region, "eu-west-3");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_named_is_the_controllers_own),
                cmocka_unit_test(a_role_needs_account_and_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
