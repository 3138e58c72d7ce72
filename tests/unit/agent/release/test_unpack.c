#include "harness/package_maker.h"
#include "harness/temp_folder.h"

#include "release/unpack.h"

typedef struct Fixture {
        char *folder, *pack, *tree;
        PackageMaker *package;
        SigningKey *key;
} Fixture;

static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));

        fixture->folder = temp_folder();
        fixture->pack = xasprintf("%s/pack", fixture->folder);
        fixture->tree = xasprintf("%s/tree", fixture->folder);
        fixture->package = package_new("web", "/srv/web", "v1");
        fixture->key = signing_key_new();
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        package_free(fixture->package);
        signing_key_free(fixture->key);
        free(fixture->pack);
        free(fixture->tree);
        temp_remove(fixture->folder);
        free(fixture);
        return 0;
}

/* Whatever the manifest says: the check of manifests comes before this in the agent, and is not relied on
 * here. */
static bool unpack(Fixture *fixture, Error **err) {
        if (!fixture->package->sha256)
                package_seal(fixture->package, fixture->key);
        const UnpackSpec spec = {
                .manifest = &fixture->package->manifest,
                .pack = fixture->pack,
                .folder = fixture->tree,
        };
        const Text *pack = &fixture->package->pack;

        return file_write_atomic(fixture->pack, pack->data ? pack->data : "", pack->length, 0600, err) &&
               file_remove_tree(fixture->tree, err) && unpack_release(&spec, err);
}

static Ghost__Entry *add_link(Fixture *fixture, const char *path, const char *target) {
        Ghost__Entry *entry = package_add(fixture->package, path, GHOST__ENTRY_TYPE__ENTRY_TYPE_LINK);

        entry->target = xstrdup(target);
        return entry;
}

static void a_tree_comes_out_as_it_went_in(void **state) {
        Fixture *fixture = *state;
        CLEANUP(free) char *big = xcalloc(1, 3 << 20);
        struct stat facts;

        memset(big, 'b', 3 << 20);
        package_add_file(fixture->package, "big", big, 3 << 20);
        package_add(fixture->package, "bin", GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER)->mode = 0555;
        package_add_text(fixture->package, "bin/run", "#!/bin/sh\n");
        fixture->package->entries[2]->mode = 0755;
        package_add_text(fixture->package, "empty", "");
        add_link(fixture, "link", "bin/run");
        assert_ok(unpack(fixture, err));

        CLEANUP(free) char *content = temp_read(fixture->tree, "big");
        assert_memory_equal(content, big, 3 << 20);
        assert_content(fixture->tree, "link", "#!/bin/sh\n");
        assert_content(fixture->tree, "empty", "");
        assert_true(temp_has(fixture->tree, "empty"));
        CLEANUP(free)
        char *run = xasprintf("%s/bin/run", fixture->tree), *bin = xasprintf("%s/bin", fixture->tree);
        assert_int_equal(stat(run, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0755);
        assert_int_equal(stat(bin, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0555);
        assert_int_equal(chmod(bin, 0755), 0);
}

static void files_belong_to_the_manifests_owner(void **state) {
        Fixture *fixture = *state;
        struct stat facts;

        if (geteuid() != 0)
                skip();
        fixture->package->manifest.uid = 1234;
        fixture->package->manifest.gid = 4321;
        package_add_text(fixture->package, "file", "x");
        add_link(fixture, "link", "file");
        assert_ok(unpack(fixture, err));
        CLEANUP(free)
        char *file = xasprintf("%s/file", fixture->tree), *link = xasprintf("%s/link", fixture->tree);
        assert_int_equal(stat(file, &facts), 0);
        assert_int_equal(facts.st_uid, 1234);
        assert_int_equal(facts.st_gid, 4321);
        assert_int_equal(lstat(link, &facts), 0);
        assert_int_equal(facts.st_uid, 1234);
}

static void hostile_paths_write_nothing_outside(void **state) {
        static const char *const paths[] = { "../evil", "/evil", "a/../../evil", "./evil", "..",
                                             ".",       "",      "a//evil" };
        Fixture *fixture = *state;

        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
                CLEANUP(error_free) Error *problem = NULL, *refusal = NULL;
                package_free(fixture->package);
                fixture->package = package_new("web", "/srv/web", "v1");
                package_add(fixture->package, "a", GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER);
                package_add_text(fixture->package, paths[i], "evil");
                assert_false(unpack(fixture, &problem));
                assert_false(temp_has(fixture->folder, "evil"));
                assert_false(temp_has("/", "evil"));
                assert_false(manifest_check(&fixture->package->manifest, &refusal));
        }
}

static void nothing_is_written_through_a_link(void **state) {
        Fixture *fixture = *state;
        CLEANUP(error_free) Error *problem = NULL;

        package_add(fixture->package, "a", GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER);
        add_link(fixture, "door", "a");
        package_add_text(fixture->package, "door/evil", "evil");
        assert_false(unpack(fixture, &problem));
        assert_false(temp_has(fixture->tree, "a/evil"));
}

static void links_that_leave_the_release_are_refused(void **state) {
        static const struct {
                const char *path, *target;
                bool stays;
        } cases[] = {
                { "a/link", "../file", true },     { "a/link", "file", true },
                { "link", "a/b", true },           { "a/link", "..", true },
                { "a/b/link", "../../x", true },   { "a/link", ".././x", true },
                { "a/link", "../../file", false }, { "link", "/etc/passwd", false },
                { "link", "..", false },           { "link", "", false },
                { "link", "a/../../x", false },    { "a/link", "b/../x", false },
                { "link", "../tree2", false },     { "a/link", "..//../x", false },
        };
        Fixture *fixture = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(error_free) Error *problem = NULL;
                package_free(fixture->package);
                fixture->package = package_new("web", "/srv/web", "v1");
                package_add(fixture->package, "a", GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER);
                package_add(fixture->package, "a/b", GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER);
                add_link(fixture, cases[i].path, cases[i].target);
                if (unpack(fixture, &problem) != cases[i].stays)
                        fail_msg("%s -> %s", cases[i].path, cases[i].target);
        }
}

static void set_user_id_files_and_other_kinds_are_refused(void **state) {
        Fixture *fixture = *state;
        CLEANUP(error_free) Error *problem = NULL, *other = NULL;

        package_add_text(fixture->package, "root-shell", "x");
        fixture->package->entries[0]->mode = 04755;
        assert_false(unpack(fixture, &problem));
        fixture->package->entries[0]->mode = 0755;
        fixture->package->entries[0]->type = (Ghost__EntryType) 7;
        assert_false(unpack(fixture, &other));
        assert_string_equal(error_message(other), "'root-shell' is neither file, folder nor link");
}

static void a_wrong_hash_or_a_damaged_frame_fails(void **state) {
        Fixture *fixture = *state;
        CLEANUP(error_free) Error *problem = NULL;

        package_add_text(fixture->package, "page", "hello hello hello hello");
        fixture->package->entries[0]->sha256.data[5] ^= 1;
        assert_fails(
                ERROR_INVALID, "package is damaged: 'page' is not what the manifest's hash says",
                unpack(fixture, err));
        fixture->package->entries[0]->sha256.data[5] ^= 1;
        assert_ok(unpack(fixture, err));
        fixture->package->pack.data[4] ^= 0x55;
        assert_false(unpack(fixture, &problem));
}

static void a_pack_that_ends_early_or_late_fails(void **state) {
        Fixture *fixture = *state;

        package_add_text(fixture->package, "page", "hello");
        package_seal(fixture->package, fixture->key);
        fixture->package->entries[0]->size = 6;
        assert_fails(ERROR_INVALID, "package is damaged: it ends within 'page'", unpack(fixture, err));
        fixture->package->manifest.n_entries = 0;
        assert_fails(ERROR_INVALID, "package is damaged: it holds more than its files", unpack(fixture, err));
        fixture->package->manifest.n_entries = 1;
}

static void a_full_disk_is_said_before_anything_is_written(void **state) {
        Fixture *fixture = *state;
        CLEANUP(error_free) Error *problem = NULL;

        assert_ok(unpack_check_space(fixture->folder, 1, err));
        assert_false(unpack_check_space(fixture->folder, (uint64_t) 1 << 60, &problem));
        assert_int_equal(error_kind(problem), ERROR_UNAVAILABLE);
        assert_non_null(strstr(error_message(problem), "disk full: needs 1099511627780 MB, "));
}

#define UNPACK_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                UNPACK_TEST(a_tree_comes_out_as_it_went_in),
                UNPACK_TEST(files_belong_to_the_manifests_owner),
                UNPACK_TEST(hostile_paths_write_nothing_outside),
                UNPACK_TEST(nothing_is_written_through_a_link),
                UNPACK_TEST(links_that_leave_the_release_are_refused),
                UNPACK_TEST(set_user_id_files_and_other_kinds_are_refused),
                UNPACK_TEST(a_wrong_hash_or_a_damaged_frame_fails),
                UNPACK_TEST(a_pack_that_ends_early_or_late_fails),
                UNPACK_TEST(a_full_disk_is_said_before_anything_is_written),
        };

        return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
