#include "harness/package_maker.h"
#include "harness/temp_folder.h"

#include "release/releases.h"

typedef struct Fixture {
        char *folder, *root, *ghost;
        Releases *releases;
        SigningKey *key;
        PackageMaker *packages[4];
} Fixture;

static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));
        CLEANUP(error_free) Error *problem = NULL;
        static const char *const versions[] = { "v0", "v1", "v2", "v3" };

        fixture->folder = temp_folder();
        fixture->root = xasprintf("%s/root", fixture->folder);
        fixture->ghost = xasprintf("%s/ghost", fixture->folder);
        fixture->releases = releases_open(fixture->ghost, fixture->root, &problem);
        fixture->key = signing_key_new();
        for (size_t i = 0; i < 4; i++) {
                fixture->packages[i] = package_new("web", i == 3 ? "/srv/moved" : "/srv/web", versions[i]);
                package_seal(fixture->packages[i], fixture->key);
        }
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        for (size_t i = 0; i < 4; i++)
                package_free(fixture->packages[i]);
        releases_free(fixture->releases);
        signing_key_free(fixture->key);
        free(fixture->root);
        free(fixture->ghost);
        temp_remove(fixture->folder);
        free(fixture);
        return 0;
}

/* As a deploy does it, up to the switch; the tree holds a file with the version. */
static void begin(Fixture *fixture, size_t which, bool with_switch) {
        PackageMaker *package = fixture->packages[which];
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        CLEANUP(free) char *moved_aside = NULL;

        assert_ok(releases_begin(fixture->releases, "web", package->sha256, err));
        assert_ok(releases_keep_manifest(fixture->releases, "web", package->sha256, &package->reply, err));
        releases_paths(fixture->releases, "web", package->sha256, &paths);
        assert_ok(file_make_folders(paths.unpacked, 0755, err));
        temp_write(paths.unpacked, "version", package->manifest.revision);
        assert_ok(releases_install(fixture->releases, "web", package->sha256, err));
        if (with_switch)
                assert_ok(releases_switch(fixture->releases, "web", package->sha256, &moved_aside, err));
}

static void deploy(Fixture *fixture, size_t which, uint32_t keep) {
        const ReleaseCommit commit = { "web", fixture->packages[which]->sha256, "task", keep };

        begin(fixture, which, true);
        assert_ok(releases_commit(fixture->releases, &commit, err));
}

static void assert_rolls_back_to(Fixture *fixture, const char *expected, bool switched) {
        CLEANUP(free) char *restored = NULL;
        bool was_switched = false;

        assert_true(releases_interrupted(fixture->releases, "web"));
        assert_ok(releases_roll_back(fixture->releases, "web", NULL, &restored, &was_switched, err));
        assert_true(text_equal(restored, expected));
        assert_int_equal(was_switched, switched);
        assert_false(releases_interrupted(fixture->releases, "web"));
}

static void an_unfinished_deploy_is_undone_at_any_stage(void **state) {
        Fixture *fixture = *state;
        const char *v0 = fixture->packages[0]->sha256, *v1 = fixture->packages[1]->sha256;

        deploy(fixture, 0, 3);
        assert_ok(releases_begin(fixture->releases, "web", v1, err));
        assert_rolls_back_to(fixture, v0, false);
        begin(fixture, 1, false);
        assert_rolls_back_to(fixture, v0, false);
        begin(fixture, 1, true);
        assert_content(fixture->root, "srv/web/version", "v1");
        assert_rolls_back_to(fixture, v0, true);
        assert_content(fixture->root, "srv/web/version", "v0");
        assert_true(releases_has(fixture->releases, "web", v0));
        assert_false(releases_has(fixture->releases, "web", v1));
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        releases_paths(fixture->releases, "web", v1, &paths);
        assert_false(file_exists(paths.tree));
}

static void the_first_deploy_undone_leaves_nothing(void **state) {
        Fixture *fixture = *state;

        begin(fixture, 0, true);
        assert_rolls_back_to(fixture, NULL, true);
        assert_false(temp_has(fixture->root, "srv/web"));
}

static void the_oldest_go_but_never_the_one_linked(void **state) {
        Fixture *fixture = *state;

        deploy(fixture, 0, 2);
        deploy(fixture, 1, 2);
        deploy(fixture, 0, 2); /* used again: 1 is now the oldest */
        deploy(fixture, 2, 2);
        assert_true(releases_has(fixture->releases, "web", fixture->packages[0]->sha256));
        assert_false(releases_has(fixture->releases, "web", fixture->packages[1]->sha256));
        deploy(fixture, 1, 1);
        assert_false(releases_has(fixture->releases, "web", fixture->packages[0]->sha256));
        assert_content(fixture->root, "srv/web/version", "v1");
}

static void a_module_that_moves_takes_its_link_along(void **state) {
        Fixture *fixture = *state;

        deploy(fixture, 0, 3);
        begin(fixture, 3, true);
        assert_rolls_back_to(fixture, fixture->packages[0]->sha256, true);
        assert_content(fixture->root, "srv/web/version", "v0");
        assert_false(temp_has(fixture->root, "srv/moved"));
        deploy(fixture, 3, 3);
        assert_content(fixture->root, "srv/moved/version", "v3");
        assert_false(temp_has(fixture->root, "srv/web"));
}

static void what_no_record_names_is_swept(void **state) {
        Fixture *fixture = *state;
        CLEANUP(free) char *web = xasprintf("%s/web", fixture->ghost);

        deploy(fixture, 0, 3);
        temp_write(web, ".0000000000000000.pack", "half");
        temp_write(web, ".0000000000000000.manifest", "old");
        releases_sweep(fixture->releases, "web", true);
        assert_true(temp_has(web, ".0000000000000000.pack"));
        assert_false(temp_has(web, ".0000000000000000.manifest"));
        releases_sweep(fixture->releases, "web", false);
        assert_false(temp_has(web, ".0000000000000000.pack"));
        assert_true(releases_has(fixture->releases, "web", fixture->packages[0]->sha256));
        assert_content(fixture->root, "srv/web/version", "v0");
}

static void a_module_can_leave(void **state) {
        Fixture *fixture = *state;

        deploy(fixture, 0, 3);
        assert_ok(releases_remove_module(fixture->releases, "web", err));
        assert_false(temp_has(fixture->root, "srv/web"));
        assert_false(temp_has(fixture->ghost, "web"));
}

static void module_names_must_name_a_folder(void **state) {
        static const char *const refused[] = { "", ".", "..", ".hidden", "a/b", "a b", "a\n" };
        (void) state;

        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
                CLEANUP(error_free) Error *problem = NULL;
                assert_false(releases_module_allowed(refused[i], &problem));
        }
        assert_ok(releases_module_allowed("symfony-2_app.web", err));
}

#define RELEASES_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                RELEASES_TEST(an_unfinished_deploy_is_undone_at_any_stage),
                RELEASES_TEST(the_first_deploy_undone_leaves_nothing),
                RELEASES_TEST(the_oldest_go_but_never_the_one_linked),
                RELEASES_TEST(a_module_that_moves_takes_its_link_along),
                RELEASES_TEST(what_no_record_names_is_swept),
                RELEASES_TEST(a_module_can_leave),
                cmocka_unit_test(module_names_must_name_a_folder),
        };

        return cmocka_run_group_tests_name("releases", tests, NULL, NULL);
}
