/* What a task came to stands beside what is live, and stays there when the agent reports. */
#include "harness/json_text.h"

#include <string.h>

#include "agents/module_receipt.h"
#include "harness/text_assertions.h"

static const int64_t at_us = INT64_C(1505722920) * 1000000;

static Ghost__ModuleState site = { PROTOBUF_C_MESSAGE_INIT(&ghost__module_state__descriptor),
                                   (char *) "site",
                                   (char *) "aa",
                                   (char *) "/srv/site",
                                   (char *) "v1",
                                   (char *) "c1",
                                   5 };
static Ghost__ModuleState conf = { PROTOBUF_C_MESSAGE_INIT(&ghost__module_state__descriptor),
                                   (char *) "conf",
                                   (char *) "bb",
                                   (char *) "/etc/site",
                                   (char *) "v7",
                                   (char *) "c7",
                                   6 };

static void assert_json(const Document *document, const char *expected) {
        CLEANUP(document_free) Document *wanted = json_of(expected);

        if (!document_equal(document, wanted)) {
                CLEANUP(free) char *text = document_text(document);
                fail_msg("%s is not %s", text, expected);
        }
}

static Ghost__Receipt receipt_of(const char *task, bool ok, Ghost__ModuleState **modules, size_t count) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;

        receipt.task_id = (char *) task;
        receipt.job_id = (char *) "j1";
        receipt.ok = ok;
        receipt.message = (char *) (ok ? "" : "no luck");
        receipt.modules = modules;
        receipt.n_modules = count;
        return receipt;
}

static void all_of_a_receipt_is_kept(void **state) {
        Ghost__ModuleState *modules[] = { &site };
        Ghost__HookRun pre = GHOST__HOOK_RUN__INIT, other = GHOST__HOOK_RUN__INIT;
        Ghost__HookRun *hooks[] = { &other, &pre };
        Ghost__HealthRun first = GHOST__HEALTH_RUN__INIT, last = GHOST__HEALTH_RUN__INIT;
        Ghost__HealthRun *health[] = { &first, &last };
        Ghost__Receipt receipt = receipt_of("t1", false, modules, 1);

        (void) state;
        pre.module = first.module = last.module = (char *) "site";
        pre.hook = (char *) "pre_deploy";
        pre.exit_code = -9;
        pre.duration_ms = 1500;
        other.module = (char *) "conf";
        first.ok = true;
        last.kind = (char *) "http";
        last.attempts = 3;
        last.duration_ms = 2100;
        last.message = (char *) "status 503";
        receipt.hooks = hooks;
        receipt.health = health;
        receipt.n_hooks = receipt.n_health = 2;
        receipt.bytes_fetched = 100;
        receipt.bytes_reused = 5000000000;
        CLEANUP(document_free) Document *list = module_receipt_put(NULL, &receipt, at_us);
        assert_json(
                list,
                "[{'module':'site','manifest_sha256':'aa','path':'/srv/site','revision':'v1','commit':'c1',"
                "'switched_us':5,'receipt':{'job_id':'j1','task_id':'t1','ok':false,'message':'no luck',"
                "'at':'Mon, 18 Sep 2017 08:22:00 GMT',"
                "'hooks':[{'hook':'pre_deploy','exit_code':-9,'duration_ms':1500}],"
                "'health':{'kind':'http','ok':false,'attempts':3,'duration_ms':2100,'message':'status 503'},"
                "'bytes_fetched':100,'bytes_reused':5000000000}}]");
}

static void what_was_not_run_is_said_so(void **state) {
        Ghost__ModuleState *modules[] = { &site };
        Ghost__Receipt receipt = receipt_of("t1", true, modules, 1);

        (void) state;
        CLEANUP(document_free) Document *list = module_receipt_put(NULL, &receipt, at_us);
        assert_json(document_get(list, "0.receipt.hooks"), "[]");
        assert_true(document_is_null(document_get(list, "0.receipt.health")));
        assert_true(document_get_bool(list, "0.receipt.ok"));
}

static void other_modules_stay_as_they_are_known(void **state) {
        Ghost__ModuleState *both[] = { &site, &conf }, *one[] = { &conf };
        Ghost__Receipt first = receipt_of("t1", true, both, 2), second = receipt_of("t2", false, one, 1);

        (void) state;
        CLEANUP(document_free) Document *known = module_receipt_put(NULL, &first, at_us);
        CLEANUP(document_free) Document *list = module_receipt_put(known, &second, at_us);
        assert_int_equal(document_count(list), 2);
        assert_string_equal(document_get_string(list, "0.module"), "conf");
        assert_string_equal(document_get_string(list, "0.receipt.task_id"), "t2");
        assert_true(document_equal(document_get(list, "1"), document_get(known, "0")));
}

static void the_same_receipt_again_keeps_its_date(void **state) {
        Ghost__ModuleState *modules[] = { &site };
        Ghost__Receipt receipt = receipt_of("t1", true, modules, 1);
        Ghost__Receipt next = receipt_of("t2", true, modules, 1);

        (void) state;
        CLEANUP(document_free) Document *known = module_receipt_put(NULL, &receipt, at_us);
        CLEANUP(document_free) Document *again = module_receipt_put(known, &receipt, at_us + 60000000);
        assert_true(document_equal(known, again));
        CLEANUP(document_free) Document *after = module_receipt_put(again, &next, at_us + 60000000);
        assert_string_equal(document_get_string(after, "0.receipt.at"), "Mon, 18 Sep 2017 08:23:00 GMT");
}

static void a_report_changes_what_is_live_alone(void **state) {
        Ghost__ModuleState *modules[] = { &site }, now = site, *reported[] = { &conf, &now };
        Ghost__Receipt receipt = receipt_of("t1", true, modules, 1);

        (void) state;
        now.manifest_sha256 = (char *) "dd";
        CLEANUP(document_free) Document *known = module_receipt_put(NULL, &receipt, at_us);
        CLEANUP(document_free) Document *list = module_receipt_keep(known, reported, 2);
        assert_int_equal(document_count(list), 2);
        assert_string_equal(document_get_string(list, "0.module"), "conf");
        assert_null(document_get(list, "0.receipt"));
        assert_string_equal(document_get_string(list, "1.manifest_sha256"), "dd");
        assert_true(document_equal(document_get(list, "1.receipt"), document_get(known, "0.receipt")));
}

/* A first deploy that failed has left nothing that the agent could report. */
static void what_is_not_live_keeps_its_receipt(void **state) {
        Ghost__ModuleState *modules[] = { &site }, *reported[] = { &conf };
        Ghost__Receipt receipt = receipt_of("t1", false, modules, 1);

        (void) state;
        CLEANUP(document_free) Document *known = module_receipt_put(NULL, &receipt, at_us);
        CLEANUP(document_free) Document *list = module_receipt_keep(known, reported, 1);
        assert_int_equal(document_count(list), 2);
        assert_string_equal(document_get_string(list, "1.module"), "site");
        assert_string_equal(document_get_string(list, "1.manifest_sha256"), "");
        assert_string_equal(document_get_string(list, "1.receipt.message"), "no luck");
        CLEANUP(document_free) Document *less = module_receipt_keep(list, NULL, 0);
        assert_int_equal(document_count(less), 1); /* conf was never anything but reported */
}

static void an_agents_words_are_bounded(void **state) {
        enum { HOOKS = 200 };
        Ghost__ModuleState *modules[] = { &site };
        Ghost__HookRun run = GHOST__HOOK_RUN__INIT, *hooks[HOOKS];
        Ghost__Receipt receipt = receipt_of("t1", false, modules, 1);
        CLEANUP(free) char *words = xcalloc(100001, 1);

        (void) state;
        memset(words, 'x', 100000);
        run.module = (char *) "site";
        for (size_t i = 0; i < HOOKS; i++)
                hooks[i] = &run;
        receipt.message = words;
        receipt.hooks = hooks;
        receipt.n_hooks = HOOKS;
        CLEANUP(document_free) Document *list = module_receipt_put(NULL, &receipt, at_us);
        assert_int_equal(strlen(document_get_string(list, "0.receipt.message")), 1000);
        assert_int_equal(document_count(document_get(list, "0.receipt.hooks")), 20);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_of_a_receipt_is_kept),
                cmocka_unit_test(what_was_not_run_is_said_so),
                cmocka_unit_test(other_modules_stay_as_they_are_known),
                cmocka_unit_test(the_same_receipt_again_keeps_its_date),
                cmocka_unit_test(a_report_changes_what_is_live_alone),
                cmocka_unit_test(what_is_not_live_keeps_its_receipt),
                cmocka_unit_test(an_agents_words_are_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
