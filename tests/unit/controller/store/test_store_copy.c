#include "harness/store_case.h"

#include <fcntl.h>
#include <unistd.h>

#include "store/store_copy.h"

static void a_copy_is_whole_and_private(void **state) {
        CLEANUP(store_facts_clear) StoreFacts facts = { 0 };
        StoreCase *test = *state;
        CLEANUP(free) char *copy = xasprintf("%s/what?is#this%%.db", test->folder);
        const StoreCopySpec spec = { .from = test->path, .to = copy };
        struct stat file;

        store_put(test->store, COLLECTION_APPS, "{'name': 'shop', 'env': 'dev', 'role': 'web'}");
        assert_ok(store_copy(&spec, err));
        assert_ok(store_examine(copy, true, &facts, err));
        assert_null(facts.damage);
        assert_int_equal(facts.schema, store_schema_known());
        assert_int_equal(facts.open_jobs, 0);
        assert_int_equal(stat(copy, &file), 0);
        assert_int_equal(file.st_mode & 0777, 0600);
        assert_false(temp_has(test->folder, "what?is#this%.db-wal"));
}

static void damage_is_found(void **state) {
        CLEANUP(store_facts_clear) StoreFacts facts = { 0 };
        StoreCase *test = *state;
        CLEANUP(free) char *copy = xasprintf("%s/copy.db", test->folder);
        const StoreCopySpec spec = { .from = test->path, .to = copy };
        char rubbish[2048];

        assert_ok(store_copy(&spec, err));
        memset(rubbish, 0x5a, sizeof(rubbish));
        CLEANUP(file_close) int fd = open(copy, O_WRONLY | O_CLOEXEC);
        for (off_t at = 4096; at < 40960; at += 4096)
                assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), at), (ssize_t) sizeof(rubbish));
        assert_ok(store_examine(copy, true, &facts, err));
        assert_non_null(facts.damage);
}

static void what_is_no_database_is_said(void **state) {
        CLEANUP(store_facts_clear) StoreFacts facts = { 0 };
        StoreCase *test = *state;
        CLEANUP(free) char *path = xasprintf("%s/text", test->folder);

        temp_write(test->folder, "text", "this is no database, and long enough to be told from one");
        assert_ok(store_examine(path, true, &facts, err));
        assert_non_null(facts.damage);
        assert_fails(
                ERROR_NOT_FOUND, "there is no database at /nonexistent",
                store_examine("/nonexistent", false, &facts, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_copy_is_whole_and_private),
                STORE_TEST(damage_is_found),
                STORE_TEST(what_is_no_database_is_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
