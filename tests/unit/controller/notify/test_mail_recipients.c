#include "harness/ghost_test.h"

#include "base/memory.h"
#include "harness/json_text.h"
#include "notify/mail_recipients.h"

static void assert_told(const char *entries, JobStatus status, const char *expected) {
        CLEANUP(document_free) Document *list = json_of(entries);
        CLEANUP(string_list_clear) StringList told = { 0 };
        CLEANUP(text_clear) Text joined = { 0 };

        mail_recipients(list, status, &told);
        for (size_t i = 0; i < told.count; i++)
                text_appendf(&joined, "%s%s", i > 0 ? " " : "", told.items[i]);
        assert_string_equal(joined.data ? joined.data : "", expected);
}

static void an_entry_names_the_states_it_wants(void **state) {
        static const char entries[] = "[{'email':'a@x','job_states':['failed']},"
                                      "{'email':'b@x','job_states':['done','aborted']},"
                                      "{'email':'c@x','job_states':['started','cancelled']}]";

        (void) state;
        assert_told(entries, JOB_FAILED, "a@x");
        assert_told(entries, JOB_DONE, "b@x");
        assert_told(entries, JOB_ABORTED, "b@x");
        assert_told(entries, JOB_STARTED, "c@x");
        assert_told(entries, JOB_CANCELLED, "c@x");
}

static void a_star_alone_is_the_end_of_a_job(void **state) {
        static const char entries[] = "[{'email':'a@x','job_states':['*']},{'email':'b@x'},"
                                      "{'email':'c@x','job_states':['*','failed']}]";

        (void) state;
        assert_told(entries, JOB_DONE, "a@x b@x");
        assert_told(entries, JOB_FAILED, "a@x b@x c@x");
        assert_told(entries, JOB_ABORTED, "a@x b@x");
        assert_told(entries, JOB_STARTED, "");
        assert_told(entries, JOB_CANCELLED, "");
}

static void an_address_is_told_once(void **state) {
        (void) state;
        assert_told(
                "[{'email':'a@x','job_states':['*']},{'email':'A@x','job_states':['done']},{'email':''}]",
                JOB_DONE, "a@x");
        assert_told("null", JOB_DONE, "");
        assert_told("[]", JOB_DONE, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_entry_names_the_states_it_wants),
                cmocka_unit_test(a_star_alone_is_the_end_of_a_job),
                cmocka_unit_test(an_address_is_told_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
