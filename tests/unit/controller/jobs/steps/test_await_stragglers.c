/* A job waits for what is out of its load balancer without a job, and can be cancelled meanwhile. */
#include "../job_lab.h"

#include "store/instance_store.h"

static void set_out(bool out) {
        CLEANUP(document_free) Document *members = document_object();

        document_set(members, "straggler_out", out ? document_object() : document_null());
        assert_ok(instance_store_put(lab.services.store, "i-1", members, err));
}

static char *begin(void) {
        add_instance(1, true);
        set_out(true);
        assert_ok(job_queue_start(lab.queue, err));
        char *id = submit(DEPLOY("v1"));
        wait_log(id, "Waiting for i-1: it is out of its load balancer, being brought to what is wanted");
        return id;
}

static void it_begins_when_the_instance_is_back(void **state) {
        (void) state;
        CLEANUP(free) char *id = begin();
        assert_int_equal(lab.shared->agents[0].deploys, 0);
        assert_false(has_ended(id));
        set_out(false);
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
        assert_int_equal(lab.shared->agents[0].deploys, 1);
}

static void it_can_be_cancelled_meanwhile(void **state) {
        CLEANUP(error_free) Error *failed = NULL;
        JobStatus status;

        (void) state;
        CLEANUP(free) char *id = begin();
        assert_true(job_queue_cancel(lab.queue, id, &status, &failed));
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "cancelled", "Job cancelled");
        assert_int_equal(lab.shared->agents[0].deploys, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(it_begins_when_the_instance_is_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(it_can_be_cancelled_meanwhile, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("await_stragglers", tests, NULL, NULL);
}
