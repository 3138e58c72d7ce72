#include "harness/json_text.h"

#include <stdlib.h>

#include "base/text.h"
#include "model/webhook.h"

#define GOOD                                                                                                 \
        "{'app_id':'0123456789abcdef01234567','module':'site','rev':'main','events':['push'],'commands':["   \
        "'deploy'],'secret_token':'s','options':{'fabric_execution_strategy':null,'x':{'y':[1]}}}"

static void assert_issues(const char *text, const char *expected) {
        CLEANUP(document_free) Document *input = json_of(text);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *wanted = json_of(expected);

        assert_null(schema_apply(&webhook_schema, SCHEMA_INSERT, input, &issues));
        CLEANUP(free) char *said = document_canonical(issues);
        CLEANUP(free) char *meant = document_canonical(wanted);
        assert_string_equal(said, meant);
}

static void the_schema_is_the_contracts(void **state) {
        CLEANUP(document_free) Document *input = json_of(GOOD);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free)
        Document *webhook = schema_apply(&webhook_schema, SCHEMA_INSERT, input, &issues);

        (void) state;
        assert_non_null(webhook);
        assert_true(document_equal(document_get(webhook, "options"), document_get(input, "options")));
        assert_issues(
                "{}",
                "{'app_id':'required field','rev':'required field','events':'required field','commands':"
                "'required field'}");
        assert_issues(
                "{'app_id':'x','rev':7,'events':['push','pull'],'commands':['rm'],'options':[],'user':'me','"
                "a':1}",
                "{'app_id':'must be of objectid type','rev':'must be of string "
                "type','events':{'1':'unallowed "
                "value pull'},'commands':{'0':'unallowed value rm'},'options':'must be of dict "
                "type','user':'field "
                "is read-only','a':'unknown field'}");
}

static void assert_faults(const char *webhook, const char *app, const char *expected) {
        CLEANUP(document_free) Document *one = json_of(webhook);
        CLEANUP(document_free) Document *its = app ? json_of(app) : NULL;
        CLEANUP(document_free) Document *faults = webhook_faults(one, its);
        CLEANUP(free) char *text = faults ? document_canonical(faults) : xstrdup("");

        assert_string_equal(text, expected);
}

static void an_expression_compiles_and_a_module_is_there(void **state) {
        (void) state;
        assert_faults("{'rev':'^v[0-9]'}", NULL, "");
        assert_faults(
                "{'rev':'(main'}", NULL,
                "{\"rev\":\"is no regular expression: missing closing parenthesis at position 5\"}");
        assert_faults("{'rev':'','module':'a'}", "{'modules':[{'name':'a'}]}", "");
        assert_faults("{'rev':'','module':''}", "{}", "");
        assert_faults(
                "{'rev':'','module':'b'}", "{'modules':[{'name':'a'}]}",
                "{\"module\":\"the application has no module 'b'\"}");
}

static void what_was_shown_may_be_sent_back(void **state) {
        CLEANUP(document_free)
        Document *stored = json_of("{'_id':'i','_etag':'e','_version':1,'user':'olga','rev':'a'}");
        CLEANUP(document_free)
        Document *sent = json_of("{'_id':'i','_etag':'e','_version':1,'user':'olga','rev':'b','_links':{}}");
        CLEANUP(document_free) Document *lied = json_of("{'user':'me'}");
        CLEANUP(document_free) Document *tidy = webhook_tidy_input(sent, stored);
        CLEANUP(document_free) Document *kept = webhook_tidy_input(lied, stored);
        CLEANUP(document_free) Document *expected = json_of("{'_id':'i','rev':'b'}");

        (void) state;
        assert_true(document_equal(tidy, expected));
        assert_true(document_equal(kept, lied)); /* which the schema refuses */
}

static void a_patch_merges_options_and_replaces_lists(void **state) {
        CLEANUP(document_free)
        Document *stored = json_of("{'rev':'a','module':'m','events':['push'],'options':{'a':1,'b':2}}");
        CLEANUP(document_free)
        Document *patch = json_of("{'module':null,'events':['tag'],'options':{'b':null,'c':3}}");
        CLEANUP(document_free) Document *merged = webhook_merge(stored, patch);
        CLEANUP(document_free)
        Document *expected = json_of("{'rev':'a','events':['tag'],'options':{'a':1,'b':null,'c':3}}");

        (void) state;
        assert_true(document_equal(merged, expected));
}

static Document *record(const char *payload, size_t length) {
        return invocation_new_document(&(InvocationRecord){ .webhook_id = "w",
                                                            .code = 403,
                                                            .message = "no",
                                                            .payload = payload,
                                                            .payload_length = length,
                                                            .provider = "github",
                                                            .event = "push" });
}

static void an_invocation_says_what_came_of_it(void **state) {
        CLEANUP(document_free) Document *invocation = record("{}", 2);
        CLEANUP(document_free)
        Document *expected = json_of(
                "{'webhook_id':'w','status':{'code':403,'message':'no'},'jobs':[],'payload':'{}','provider':"
                "'github','event':'push'}");

        (void) state;
        assert_true(document_equal(invocation, expected));
}

static void a_long_payload_is_cut_between_characters(void **state) {
        const size_t length = WEBHOOK_PAYLOAD_KEPT + 10;
        CLEANUP(free) char *payload = xcalloc(1, length + 1);

        (void) state;
        memset(payload, 'a', length);
        payload[WEBHOOK_PAYLOAD_KEPT - 1] = '\xc3';
        payload[WEBHOOK_PAYLOAD_KEPT] = '\xa9';
        CLEANUP(document_free) Document *invocation = record(payload, length);
        const char *kept = document_get_string(invocation, "payload");
        assert_true(text_ends_with(kept, "a… (cut: 65535 of 65546 bytes are kept)"));
        assert_true(strlen(kept) < WEBHOOK_PAYLOAD_KEPT + 100);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_schema_is_the_contracts),
                cmocka_unit_test(an_expression_compiles_and_a_module_is_there),
                cmocka_unit_test(what_was_shown_may_be_sent_back),
                cmocka_unit_test(a_patch_merges_options_and_replaces_lists),
                cmocka_unit_test(an_invocation_says_what_came_of_it),
                cmocka_unit_test(a_long_payload_is_cut_between_characters),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
