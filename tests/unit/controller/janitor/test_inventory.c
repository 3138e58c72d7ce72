/* Instances that EC2 no longer has are marked gone; those it has, those too young and those of elsewhere
 * stay. */
#include "harness/sandbox_session.h"
#include "harness/store_case.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
#include "base/clock.h"
#include "base/memory.h"
#include "janitor/inventory.h"
#include "store/instance_store.h"

static const char *const tags[] = { "app", "shop", NULL };
static const int64_t minute_us = INT64_C(60) * 1000 * 1000;

static void know(Store *store, const char *instance_id, const char *app_id) {
        CLEANUP(document_free) Document *members = document_object();

        document_set_string(members, "app_id", app_id);
        document_set_string(members, "state", "ready");
        assert_ok(instance_store_put(store, instance_id, members, err));
}

static void assert_state(Store *store, const char *instance_id, const char *state) {
        CLEANUP(document_free) Document *instance = NULL;

        assert_ok(instance_store_find(store, instance_id, &instance, err));
        assert_string_equal(document_get_string(instance, "state"), state);
}

static void what_is_not_there_is_gone(void **state) {
        StoreCase *stored = *state;
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ended = { 0 };
        size_t gone = 0;

        if (!sandbox_case_open(&test))
                skip();
        store_put(stored->store, COLLECTION_APPS, "{'_id':'0123456789abcdef01234567','name':'shop'}");
        store_put(
                stored->store, COLLECTION_APPS,
                "{'_id':'0123456789abcdef01234568','name':'far','region':'us-east-1'}");
        CLEANUP(free) char *living = sandbox_case_launch(&test, "a", tags);
        CLEANUP(free) char *terminated = sandbox_case_launch(&test, "b", tags);
        know(stored->store, living, "0123456789abcdef01234567");
        know(stored->store, terminated, "0123456789abcdef01234567");
        know(stored->store, "i-0123456789abcdef0", "0123456789abcdef01234567");
        know(stored->store, "i-0123456789abcdef1", "0123456789abcdef01234568");
        string_list_add(&ended, terminated);
        assert_ok(ec2_wait_instance(
                &test.session, terminated, EC2_RUNNING, &(Ec2Wait){ .progress = NULL }, NULL, err));
        assert_ok(ec2_terminate_instances(&test.session, &ended, err));
        assert_ok(ec2_wait_instance(
                &test.session, terminated, EC2_TERMINATED, &(Ec2Wait){ .progress = NULL }, NULL, err));

        assert_ok(inventory_check(&test.session, stored->store, clock_now_us() + minute_us, &gone, err));
        assert_int_equal(gone, 0); /* all are believed for a while */
        assert_ok(inventory_check(&test.session, stored->store, clock_now_us() + 6 * minute_us, &gone, err));
        assert_int_equal(gone, 2);
        assert_state(stored->store, living, "ready");
        assert_state(stored->store, terminated, "gone");
        assert_state(stored->store, "i-0123456789abcdef0", "gone");
        assert_state(stored->store, "i-0123456789abcdef1", "ready");
}

static void what_one_look_does_not_show_is_not_gone(void **state) {
        StoreCase *stored = *state;
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        size_t gone = 0;

        if (!sandbox_case_open(&test))
                skip();
        store_put(stored->store, COLLECTION_APPS, "{'_id':'0123456789abcdef01234567','name':'shop'}");
        sandbox_fault(test.sandbox, "{\"when\": \"flapping\", \"polls\": 1}");
        CLEANUP(free) char *hidden = sandbox_case_launch(&test, "a", tags);
        know(stored->store, hidden, "0123456789abcdef01234567");
        assert_ok(inventory_check(&test.session, stored->store, clock_now_us() + 6 * minute_us, &gone, err));
        assert_int_equal(gone, 0);
        assert_state(stored->store, hidden, "ready");
}

int main(void) {
        const struct CMUnitTest tests[] = { STORE_TEST(what_is_not_there_is_gone),
                                            STORE_TEST(what_one_look_does_not_show_is_not_gone) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
