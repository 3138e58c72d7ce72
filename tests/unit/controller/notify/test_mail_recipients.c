#include "harness/ghost_test.h"

#include "base/memory.h"
#include "harness/json_text.h"
#include "notify/mail_recipients.h"

static void assert_told(const char *entries, const char *state, const char *expected) {
        CLEANUP(document_free) Document *list = json_of(entries);
        CLEANUP(string_list_clear) StringList told = { 0 };
        CLEANUP(text_clear) Text joined = { 0 };

        mail_recipients(list, state, &told);
        for (size_t i = 0; i < told.count; i++)
                text_appendf(&joined, "%s%s", i > 0 ? " " : "", told.items[i]);
        assert_string_equal(joined.data ? joined.data : "", expected);
}

static void an_entry_names_the_states_it_wants(void **state) {
        static const char entries[] = "[{'email':'a@x','job_states':['failed']},"
                                      "{'email':'b@x','job_states':['done','aborted']},"
                                      "{'email':'c@x','job_states':['started','cancelled']}]";

        (void) state;
        assert_told(entries, "failed", "a@x");
        assert_told(entries, "done", "b@x");
        assert_told(entries, "aborted", "b@x");
        assert_told(entries, "started", "c@x");
        assert_told(entries, "cancelled", "c@x");
}

static void a_star_alone_is_what_somebody_has_to_know(void **state) {
        static const char entries[] = "[{'email':'a@x','job_states':['*']},{'email':'b@x'},"
                                      "{'email':'c@x','job_states':['*','failed']}]";

        (void) state;
        assert_told(entries, "done", "a@x b@x");
        assert_told(entries, "failed", "a@x b@x c@x");
        assert_told(entries, "aborted", "a@x b@x");
        assert_told(entries, "waiting", "a@x b@x");
        assert_told(entries, "started", "");
        assert_told(entries, "cancelled", "");
}

static void an_address_is_told_once(void **state) {
        (void) state;
        assert_told(
                "[{'email':'a@x','job_states':['*']},{'email':'A@x','job_states':['done']},{'email':''}]",
                "done", "a@x");
        assert_told("null", "done", "");
        assert_told("[]", "done", "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_entry_names_the_states_it_wants),
                cmocka_unit_test(a_star_alone_is_what_somebody_has_to_know),
                cmocka_unit_test(an_address_is_told_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
