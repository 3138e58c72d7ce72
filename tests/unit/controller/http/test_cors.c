#include "harness/ghost_test.h"

#include "base/memory.h"
#include "http/cors.h"

/* The value of the header that decides, or NULL. Caller frees. */
static char *allowed_origin(const char *setting, const char *origin) {
        Request request = { .method = (char *) "GET" };
        Response response;

        response_init(&response);
        if (origin)
                pairs_take(&request.headers, xstrdup("Origin"), xstrdup(origin));
        cors_answer(setting, &request, &response);
        const char *found = pairs_find_any_case(&response.headers, "Access-Control-Allow-Origin");
        char *copy = found ? xstrdup(found) : NULL;
        pairs_clear(&request.headers);
        response_clear(&response);
        return copy;
}

static void assert_allowed(const char *setting, const char *origin) {
        CLEANUP(free) char *found = allowed_origin(setting, origin);

        assert_non_null(found);
        assert_string_equal(found, origin);
}

static void assert_refused(const char *setting, const char *origin) {
        CLEANUP(free) char *found = allowed_origin(setting, origin);

        assert_null(found);
}

static void named_origins_are_allowed(void **state) {
        (void) state;
        assert_allowed("https://a.example", "https://a.example");
        assert_allowed("http://x.example:8080,  https://A.example", "https://a.example");
        assert_allowed("*", "http://anything");
}

static void others_are_not(void **state) {
        (void) state;
        assert_refused(NULL, "https://a.example");
        assert_refused("", "https://a.example");
        assert_refused("https://a.example", "https://a.example.evil");
        assert_refused("https://a.example", "http://a.example");
        assert_refused("https://a.example, https://b.example", "https://a.example, https://b.example");
        assert_refused("https://a.example", "https://a.exampl");
        assert_refused("*", NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(named_origins_are_allowed),
                cmocka_unit_test(others_are_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
