#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "webhooks/repository.h"

static void assert_key(const char *url, const char *expected) {
        CLEANUP(free) char *key = repository_key(url);

        assert_string_equal(key, expected);
}

static void every_way_to_write_it_has_one_key(void **state) {
        static const char *const ways[] = {
                "https://github.com/Shop/site",       "https://github.com/Shop/site.git",
                "http://github.com/Shop/site/",       "https://GitHub.COM/Shop/site.git/",
                "git@github.com:Shop/site.git",       "ssh://git@github.com/Shop/site.git",
                "ssh://git@github.com:22/Shop/site",  "https://user:pass@github.com:443//Shop/site",
                "git://github.com/Shop/site.git",     "git@github.com:/Shop/site",
                "HTTPS://github.com/Shop/site.git//", "github.com:Shop/site",
        };

        (void) state;
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
                assert_key(ways[i], "github.com/Shop/site");
}

static void what_differs_stays_different(void **state) {
        (void) state;
        assert_false(repository_same("https://github.com/a/b", "https://gitlab.com/a/b"));
        assert_false(repository_same("https://github.com/a/b", "https://github.com/a/B"));
        assert_false(repository_same("https://github.com/a/b", "https://github.com/a/b2"));
        assert_false(repository_same("https://github.com/a/b", "https://github.com/a"));
        assert_false(repository_same("https://host:8443/a/b", "https://host/a/b"));
        assert_false(repository_same("https://github.com/a/b", "https://github.com.evil.org/a/b"));
        assert_false(repository_same("https://github.com/a/b", "https://evil.org/github.com/a/b"));
        assert_false(repository_same("https://github.com/a/b", "https://github.com@evil.org/a/b"));
        assert_false(repository_same("", ""));
        assert_false(repository_same(NULL, NULL));
}

static void odd_addresses_have_keys_too(void **state) {
        (void) state;
        assert_key("/srv/git/site.git", "/srv/git/site");
        assert_key("file:///srv/git/site.git", "/srv/git/site");
        assert_key("ssh://git@[::1]:2222/a/b", "[::1]:2222/a/b");
        assert_key("https://host", "host");
        assert_key("://", "");
        assert_key("https://host/.git", "host/.git");
        assert_key("@", "/@");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_way_to_write_it_has_one_key),
                cmocka_unit_test(what_differs_stays_different),
                cmocka_unit_test(odd_addresses_have_keys_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
