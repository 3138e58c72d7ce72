#include "harness/store_case.h"

#include <string.h>

#include "base/clock.h"
#include "store/changes.h"
#include "store/instance_store.h"
#include "store/job_store.h"

enum { PATIENCE_MS = 10000 };

static Changes *watch(StoreCase *test) {
        Changes *changes = NULL;

        assert_ok((changes = changes_new(&(ChangesSpec){ .together_ms = 1 }, err)) != NULL);
        assert_ok(store_tell_changes(test->store, changes, err));
        return changes;
}

/* The next one, as "collection id app_id" with " gone". */
static void assert_next(Changes *changes, uint64_t *position, const char *expected, Change *ret) {
        Deadline give_up = deadline_after_ms(PATIENCE_MS);
        size_t count = 0;

        for (;;) {
                assert_true(changes_read(changes, *position, ret, 1, &count));
                if (count)
                        break;
                assert_false(deadline_passed(give_up));
                clock_sleep_ms(2);
        }
        *position = ret->sequence;
        CLEANUP(free)
        char *said = xasprintf(
                "%s %s %s%s", changes_collection_word(ret->collection), ret->id, ret->app_id,
                ret->deleted ? " gone" : "");
        assert_string_equal(said, expected);
}

/* The store outlives the changes in no test: what is told must be there as long as it is. */
static void finish(StoreCase *test, Changes *changes) {
        store_free(TAKE(test->store));
        changes_free(changes);
}

static void every_way_to_write_is_told(void **state) {
        StoreCase *test = *state;
        Changes *changes = watch(test);
        uint64_t position = changes_newest(changes);
        CLEANUP(document_free) Document *members = json_of("{'connected':true}");
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(document_free) Document *instance = NULL;
        Change change;

        store_put(test->store, COLLECTION_APPS, "{'_id':'a1','name':'shop','env':'prod','role':'web'}");
        assert_next(changes, &position, "apps a1 a1", &change);
        assert_int_equal(strlen(change.etag), 40);
        store_put(
                test->store, COLLECTION_JOBS,
                "{'_id':'j1','app_id':'a1','status':'init','command':'deploy'}");
        assert_next(changes, &position, "jobs j1 a1", &change);
        assert_ok(job_store_claim_next(test->store, &job, err)); /* SQL of its own */
        assert_next(changes, &position, "jobs j1 a1", &change);
        store_put(test->store, COLLECTION_INSTANCES, "{'_id':'i1','instance_id':'i-1','app_id':'a1'}");
        assert_next(changes, &position, "instances i1 a1", &change);
        assert_ok(instance_store_put(test->store, "i-1", members, err));
        assert_next(changes, &position, "instances i1 a1", &change);
        assert_ok(collection_get(test->store, COLLECTION_INSTANCES, "i1", &instance, err));
        assert_string_equal(change.etag, document_get_string(instance, "_etag"));
        assert_ok(instance_store_set_all_away(test->store, err));
        assert_next(changes, &position, "instances i1 a1", &change);
        store_put(test->store, COLLECTION_WEBHOOKS, "{'_id':'w1','app_id':'a1'}");
        assert_next(changes, &position, "webhooks w1 a1", &change);
        store_put(test->store, COLLECTION_INVOCATIONS, "{'_id':'v1','webhook_id':'w1'}");
        assert_next(changes, &position, "invocations v1 a1", &change);
        store_put(test->store, COLLECTION_USERS, "{'_id':'u1','name':'ann','role':'admin'}");
        assert_next(changes, &position, "users u1 ", &change);
        store_put(test->store, COLLECTION_AUDIT, "{'_id':'n1','user':'ann'}"); /* told to nobody */
        assert_ok(collection_delete(test->store, COLLECTION_JOBS, "j1", NULL, NULL, err));
        assert_next(changes, &position, "jobs j1 a1 gone", &change);
        assert_string_equal(change.etag, "");
        finish(test, changes);
}

static void what_was_taken_back_is_told_to_nobody(void **state) {
        StoreCase *test = *state;
        Changes *changes = watch(test);
        uint64_t position = changes_newest(changes);
        CLEANUP(document_free) Document *twin = json_of("{'_id':'d0'}");
        Change change;

        assert_ok(store_begin(test->store, err));
        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'d1','app_id':'a1'}");
        store_roll_back(test->store);
        assert_ok(store_begin(test->store, err));
        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'d2','app_id':'a1'}");
        assert_ok(store_begin(test->store, err));
        store_roll_back(test->store);
        assert_fails(ERROR_INTERNAL, "a part of the change was taken back", store_commit(test->store, err));

        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'d0'}");
        assert_next(changes, &position, "deployments d0 ", &change);
        assert_fails(
                ERROR_CONFLICT, "a deployment with this id exists",
                collection_insert(test->store, COLLECTION_DEPLOYMENTS, twin, NULL, err));
        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'d3','app_id':'a1'}");
        assert_next(changes, &position, "deployments d3 a1", &change);
        finish(test, changes);
}

static void a_transaction_is_told_when_it_is_over(void **state) {
        StoreCase *test = *state;
        Changes *changes = watch(test);
        uint64_t start = changes_newest(changes), position = start;
        Change change;

        assert_ok(store_begin(test->store, err));
        for (int i = 0; i < 40; i++) {
                CLEANUP(free) char *text = xasprintf("{'_id':'d%d','app_id':'a1'}", i);

                store_put(test->store, COLLECTION_DEPLOYMENTS, text);
        }
        clock_sleep_ms(60); /* longer than what is told together */
        assert_int_equal(changes_newest(changes), start);
        assert_ok(store_commit(test->store, err));
        for (int i = 0; i < 40; i++) {
                CLEANUP(free) char *expected = xasprintf("deployments d%d a1", i);

                assert_next(changes, &position, expected, &change);
        }
        finish(test, changes);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(every_way_to_write_is_told),
                STORE_TEST(what_was_taken_back_is_told_to_nobody),
                STORE_TEST(a_transaction_is_told_when_it_is_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
