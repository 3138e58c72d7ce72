/* Former releases on a real disk, spoilt in the ways hooks and people spoil them. */
#include "harness/package_maker.h"
#include "harness/temp_folder.h"

#include "release/former_files.h"

typedef struct Fixture {
        char *folder, *kept;
        Releases *releases;
        SigningKey *key;
        PackageMaker *one, *two;
        ReleasePaths paths; /* of one */
        PackPlan plan;      /* of two */
        atomic_bool cancelled;
} Fixture;

static void write_file(const Fixture *fixture, const char *name, const char *content) {
        CLEANUP(free) char *path = xasprintf("%s/%s", fixture->paths.unpacked, name);

        assert_ok(file_write_atomic(path, content, strlen(content), 0644, err));
}

/* one: "a" and "b"; two: "a" as it was, "b" changed, and "c" with what "b" was. */
static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));
        const ReleaseCommit commit = { .module = "web", .task_id = "t" };

        fixture->folder = temp_folder();
        fixture->kept = xasprintf("%s/kept", fixture->folder);
        fixture->key = signing_key_new();
        assert_ok((fixture->releases = releases_open(fixture->folder, fixture->folder, err)));
        fixture->one = package_new("web", "/srv/web", "v1");
        package_add_text(fixture->one, "a", "the first");
        package_add_text(fixture->one, "b", "the second");
        package_seal(fixture->one, fixture->key);
        fixture->two = package_new("web", "/srv/web", "v2");
        package_add_text(fixture->two, "a", "the first");
        package_add_text(fixture->two, "b", "another one");
        package_add_text(fixture->two, "c", "the second");
        package_seal(fixture->two, fixture->key);

        const char *name = fixture->one->sha256;
        ReleaseCommit done = commit;
        done.manifest_sha256 = name;
        releases_paths(fixture->releases, "web", name, &fixture->paths);
        assert_ok(releases_begin(fixture->releases, "web", name, err));
        assert_ok(releases_keep_manifest(fixture->releases, "web", name, &fixture->one->reply, err));
        assert_ok(file_make_folders(fixture->paths.unpacked, 0755, err));
        write_file(fixture, "a", "the first");
        write_file(fixture, "b", "the second");
        assert_ok(releases_install(fixture->releases, "web", name, err));
        assert_ok(releases_commit(fixture->releases, &done, err));
        pack_plan_init(&fixture->plan, &fixture->two->manifest);
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        pack_plan_clear(&fixture->plan);
        release_paths_clear(&fixture->paths);
        releases_free(fixture->releases);
        package_free(fixture->one);
        package_free(fixture->two);
        signing_key_free(fixture->key);
        temp_remove(fixture->folder);
        free(fixture->kept);
        free(fixture);
        return 0;
}

static FormerFiles *find(Fixture *fixture) {
        return former_files_find(fixture->releases, "web", &fixture->two->manifest, &fixture->plan);
}

static bool copy(Fixture *fixture, const FormerFiles *files, Error **err) {
        return former_files_copy(files, fixture->kept, &fixture->cancelled, &fixture->plan, err);
}

static void files_are_found_by_what_they_hold(void **state) {
        Fixture *fixture = *state;
        CLEANUP(former_files_free) FormerFiles *files = find(fixture);
        struct stat former, kept;
        CLEANUP(free) char *from = xasprintf("%s/a", fixture->paths.tree);
        CLEANUP(free) char *to = xasprintf("%s/0", fixture->kept);

        assert_true(fixture->plan.kept[0]);
        assert_false(fixture->plan.kept[1]);
        assert_true(fixture->plan.kept[2]); /* under another name */
        assert_ok(copy(fixture, files, err));
        assert_content(fixture->kept, "0", "the first");
        assert_content(fixture->kept, "2", "the second");
        assert_int_equal(stat(from, &former), 0);
        assert_int_equal(stat(to, &kept), 0);
        assert_true(former.st_ino != kept.st_ino); /* no hard link */
}

static void a_file_changed_in_place_is_not_kept(void **state) {
        Fixture *fixture = *state;
        CLEANUP(former_files_free) FormerFiles *files = find(fixture);
        CLEANUP(free) char *path = xasprintf("%s/a", fixture->paths.tree);

        assert_ok(file_write_atomic(path, "THE FIRST", 9, 0644, err));
        assert_ok(copy(fixture, files, err));
        assert_false(fixture->plan.kept[0]);
        assert_true(fixture->plan.kept[2]);
}

static void what_is_no_file_any_more_is_not_kept(void **state) {
        Fixture *fixture = *state;
        CLEANUP(former_files_free) FormerFiles *files = find(fixture);
        CLEANUP(free) char *a = xasprintf("%s/a", fixture->paths.tree);
        CLEANUP(free) char *b = xasprintf("%s/b", fixture->paths.tree);

        assert_int_equal(unlink(a), 0);
        assert_int_equal(mkfifo(a, 0644), 0); /* must not be waited for */
        assert_int_equal(unlink(b), 0);
        assert_int_equal(symlink(fixture->paths.manifest, b), 0);
        assert_ok(copy(fixture, files, err));
        assert_false(fixture->plan.kept[0]);
        assert_false(fixture->plan.kept[2]);
}

static void a_cancel_ends_the_copying(void **state) {
        Fixture *fixture = *state;
        CLEANUP(former_files_free) FormerFiles *files = find(fixture);

        atomic_store(&fixture->cancelled, true);
        assert_fails(ERROR_CANCELLED, "cancelled while copying", copy(fixture, files, err));
}

int main(void) {
#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        const struct CMUnitTest tests[] = {
                FIXTURE_TEST(files_are_found_by_what_they_hold),
                FIXTURE_TEST(a_file_changed_in_place_is_not_kept),
                FIXTURE_TEST(what_is_no_file_any_more_is_not_kept),
                FIXTURE_TEST(a_cancel_ends_the_copying),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
