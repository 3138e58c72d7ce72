#include "harness/ghost_test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "groups/group_troubles.h"

static Document *app(const char *id) {
        Document *document = document_object();
        Document *autoscale = document_object();

        document_set_string(document, "_id", id);
        document_set_string(autoscale, "name", "web");
        document_set(document, "autoscale", autoscale);
        return document;
}

static size_t count(GroupTroubles *troubles) {
        CLEANUP(document_free) Document *list = group_troubles_describe(troubles);

        return document_count(list);
}

static void assert_first(GroupTroubles *troubles, const char *member, const char *expected) {
        CLEANUP(document_free) Document *list = group_troubles_describe(troubles);

        assert_string_equal(document_get_string(document_at(list, 0), member), expected);
}

static void what_is_not_met_again_is_over(void **state) {
        CLEANUP(group_troubles_free) GroupTroubles *troubles = group_troubles_new();
        CLEANUP(document_free) Document *one = app("a1");

        (void) state;
        assert_int_equal(count(troubles), 0);
        group_troubles_begin(troubles);
        group_troubles_tell(troubles, one, "i-1", "refused");
        group_troubles_tell(troubles, one, NULL, "no answer");
        assert_int_equal(count(troubles), 0); /* the look is not over */
        group_troubles_end(troubles);
        assert_int_equal(count(troubles), 2);
        assert_first(troubles, "app_id", "a1");
        assert_first(troubles, "instance_id", "i-1");
        assert_first(troubles, "group", "web");
        assert_first(troubles, "trouble", "refused");

        group_troubles_begin(troubles);
        group_troubles_tell(troubles, one, NULL, "no answer");
        assert_int_equal(count(troubles), 2);
        group_troubles_end(troubles);
        assert_int_equal(count(troubles), 1);
        assert_first(troubles, "instance_id", "");

        group_troubles_begin(troubles);
        group_troubles_end(troubles);
        assert_int_equal(count(troubles), 0);
}

static void it_is_known_since_when(void **state) {
        CLEANUP(group_troubles_free) GroupTroubles *troubles = group_troubles_new();
        CLEANUP(document_free) Document *one = app("a1");
        char since[64];

        (void) state;
        group_troubles_begin(troubles);
        group_troubles_tell(troubles, one, NULL, "no answer");
        group_troubles_end(troubles);
        CLEANUP(document_free) Document *first = group_troubles_describe(troubles);
        snprintf(since, sizeof(since), "%s", document_get_string(document_at(first, 0), "since"));
        assert_true(strlen(since) > 0);
        usleep(1100000); /* dates have seconds */
        group_troubles_begin(troubles);
        group_troubles_tell(troubles, one, NULL, "no answer");
        group_troubles_end(troubles);
        assert_first(troubles, "since", since);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_not_met_again_is_over),
                cmocka_unit_test(it_is_known_since_when),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
