#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "model/app_twin.h"

#define BLUE "00000000000000000000000b"
#define GREEN "00000000000000000000000c"

static Document *app_of(const char *blue_green) {
        Document *app = NULL;
        CLEANUP(free)
        char *text = xasprintf(
                "{\"name\":\"shop\",\"env\":\"dev\",\"role\":\"web\",\"ami\":\"ami-1\",\"modules\":[{"
                "\"name\":"
                "\"a\",\"initialized\":true}],\"build_infos\":{\"ami_name\":\"ami.x\"},\"blue_green\":%s}",
                blue_green);

        assert_ok(app = document_parse(text, strlen(text), err));
        return app;
}

static bool wants(const char *blue_green) {
        CLEANUP(document_free) Document *app = app_of(blue_green);

        return app_wants_twin(app);
}

static void only_who_enables_it_without_a_color_wants_a_twin(void **state) {
        (void) state;
        assert_true(wants("{\"enable_blue_green\":true}"));
        assert_false(wants("{\"enable_blue_green\":true,\"color\":\"blue\"}"));
        assert_false(wants("{\"enable_blue_green\":false}"));
        assert_false(wants("{}"));
}

static bool gives_up(const char *blue_green) {
        CLEANUP(document_free) Document *patch = app_of(blue_green);

        return app_gives_up_twin(patch);
}

static void only_a_literal_false_gives_it_up(void **state) {
        (void) state;
        assert_true(gives_up("{\"enable_blue_green\":false}"));
        assert_false(gives_up("{\"enable_blue_green\":true}"));
        assert_false(gives_up("{\"enable_blue_green\":null}"));
        assert_false(gives_up("{\"hooks\":{}}"));
}

static void the_halves_refer_to_each_other_and_keep_their_hooks(void **state) {
        CLEANUP(document_free)
        Document *app = app_of("{\"enable_blue_green\":true,\"hooks\":{\"pre_swap\":\"eA==\"}}");
        CLEANUP(document_free) Document *twin = app_make_twin(app, BLUE, GREEN, "olga");

        (void) state;
        app_make_blue(app, GREEN);
        assert_string_equal(document_get_string(app, "blue_green.color"), "blue");
        assert_true(document_get_bool(app, "blue_green.is_online"));
        assert_string_equal(document_get_string(app, "blue_green.alter_ego_id"), GREEN);
        assert_string_equal(document_get_string(app, "blue_green.hooks.pre_swap"), "eA==");

        assert_string_equal(document_get_string(twin, "_id"), GREEN);
        assert_string_equal(document_get_string(twin, "blue_green.color"), "green");
        assert_false(document_get_bool(twin, "blue_green.is_online"));
        assert_true(document_get_bool(twin, "blue_green.enable_blue_green"));
        assert_string_equal(document_get_string(twin, "blue_green.alter_ego_id"), BLUE);
        assert_string_equal(document_get_string(twin, "blue_green.hooks.pre_swap"), "eA==");
}

static void the_twin_has_the_image_and_everything_to_do(void **state) {
        CLEANUP(document_free) Document *app = app_of("{\"enable_blue_green\":true}");
        CLEANUP(document_free) Document *twin = app_make_twin(app, BLUE, GREEN, "olga");

        (void) state;
        assert_string_equal(document_get_string(twin, "ami"), "ami-1");
        assert_string_equal(document_get_string(twin, "build_infos.ami_name"), "ami.x");
        assert_string_equal(document_get_string(twin, "user"), "olga");
        assert_false(document_get_bool(twin, "modules.0.initialized"));
        assert_true(document_get_bool(app, "modules.0.initialized"));
        assert_int_equal(document_count(document_get(twin, "pending_changes")), 7);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_who_enables_it_without_a_color_wants_a_twin),
                cmocka_unit_test(only_a_literal_false_gives_it_up),
                cmocka_unit_test(the_halves_refer_to_each_other_and_keep_their_hooks),
                cmocka_unit_test(the_twin_has_the_image_and_everything_to_do),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
