#include "harness/ghost_test.h"

#include "http/router.h"

#define ID "0123456789abcdef01234567"

static const Route app_routes[] = {
        { "GET", "/apps", RIGHT_READ, NULL },
        { "POST", "/apps", RIGHT_OPERATE, NULL },
        { "GET", "/apps/{id}", RIGHT_READ, NULL },
        { "DELETE", "/apps/{id}", RIGHT_OPERATE, NULL },
        { "GET", "/commands/fields", RIGHT_READ, NULL },
        { "GET", "/commands/{app_id}", RIGHT_READ, NULL },
};
static const Route other_routes[] = {
        { "GET", "/", RIGHT_READ, NULL },
        { "GET", "/users/{name}", RIGHT_ADMIN, NULL },
        { "GET", "/web/*", RIGHT_NONE, NULL },
};
static const Resource apps = RESOURCE("apps", app_routes), others = RESOURCE("others", other_routes);
static const Resource *const resources[] = { &apps, &others, NULL };

static const Route *find(const char *method, const char *path) {
        CLEANUP(route_match_clear) RouteMatch match = { 0 };

        router_match(resources, method, path, &match);
        return match.route;
}

static void method_and_path_choose_the_route(void **state) {
        (void) state;
        assert_ptr_equal(find("GET", "/apps"), &app_routes[0]);
        assert_ptr_equal(find("POST", "/apps"), &app_routes[1]);
        assert_ptr_equal(find("GET", "/apps/" ID), &app_routes[2]);
        assert_ptr_equal(find("GET", "/commands/fields"), &app_routes[4]);
        assert_ptr_equal(find("GET", "/commands/" ID), &app_routes[5]);
        assert_ptr_equal(find("GET", "/"), &other_routes[0]);
        assert_ptr_equal(find("HEAD", "/apps"), &app_routes[0]);
}

static void ids_are_24_lowercase_hex_digits(void **state) {
        (void) state;
        assert_null(find("GET", "/apps/0123"));
        assert_null(find("GET", "/apps/0123456789ABCDEF01234567"));
        assert_null(find("GET", "/apps/" ID "0"));
        assert_null(find("GET", "/apps/" ID "/x"));
        assert_null(find("GET", "/apps//" ID));
        assert_null(find("GET", "/commands/deploy"));
}

static void parameters_are_handed_over(void **state) {
        CLEANUP(route_match_clear) RouteMatch user = { 0 }, file = { 0 };

        (void) state;
        router_match(resources, "GET", "/users/ann", &user);
        assert_string_equal(pairs_find(&user.params, "name"), "ann");
        router_match(resources, "GET", "/web/js/app.js", &file);
        assert_string_equal(pairs_find(&file.params, "*"), "js/app.js");
}

static void a_known_path_with_another_method_is_told_apart(void **state) {
        CLEANUP(route_match_clear) RouteMatch known = { 0 }, unknown = { 0 };

        (void) state;
        router_match(resources, "PUT", "/apps", &known);
        assert_null(known.route);
        assert_true(known.path_known);
        router_match(resources, "GET", "/appz", &unknown);
        assert_false(unknown.path_known);
}

static void allowed_methods_are_listed(void **state) {
        CLEANUP(free) char *item = router_allowed(resources, "/apps/" ID);

        (void) state;
        assert_string_equal(item, "DELETE, GET, HEAD, OPTIONS");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(method_and_path_choose_the_route),
                cmocka_unit_test(ids_are_24_lowercase_hex_digits),
                cmocka_unit_test(parameters_are_handed_over),
                cmocka_unit_test(a_known_path_with_another_method_is_told_apart),
                cmocka_unit_test(allowed_methods_are_listed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
