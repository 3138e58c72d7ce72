/* What an instance does is told once, in order, and only of setting up and deploying. */
#include "harness/store_case.h"

#include "agents/instance_news.h"
#include "store/agent_store.h"
#include "store/instance_store.h"
#include "store/notification_store.h"

static const char agent_id[] = "0123456789abcdef01234567";

static void put_agent(Store *store) {
        const Agent agent = { .id = (char *) agent_id,
                              .app_id = (char *) "0123456789abcdef01234568",
                              .instance_id = (char *) "i-1",
                              .fingerprint = (char *) "f" };
        CLEANUP(document_free) Document *members = json_of("{\"facts\":{\"host_name\":\"web-1\"}}");

        assert_ok(agent_store_insert(store, &agent, err));
        assert_ok(instance_store_put(store, "i-1", members, err));
}

static void progress(Store *store, const char *task, const char *stage) {
        Ghost__TaskProgress said = GHOST__TASK_PROGRESS__INIT;

        said.task_id = (char *) task;
        said.stage = (char *) stage;
        instance_news_progress(store, agent_id, &said);
}

static void end(Store *store, const char *task, bool ok, const char *hook, int exit_code) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__HookRun run = GHOST__HOOK_RUN__INIT, *runs[] = { &run };

        run.hook = (char *) hook;
        run.exit_code = exit_code;
        receipt.task_id = (char *) task;
        receipt.ok = ok;
        receipt.n_hooks = hook ? 1 : 0;
        receipt.hooks = runs;
        instance_news_end(store, agent_id, &receipt);
}

/* "starting started done/0", and the outbox is empty afterwards. */
static char *told(Store *store) {
        Text text = { 0 };

        for (;;) {
                CLEANUP(notification_event_clear) NotificationEvent event = { 0 };
                size_t dropped = 0;

                assert_ok(notification_store_next_event(store, &event, err));
                if (!event.news)
                        return text_take(&text);
                const Document *code = document_get(event.news, "instance.return_code");
                assert_string_equal(document_get_string(event.news, "instance.host_name"), "web-1");
                text_appendf(
                        &text, "%s%s", text.length ? " " : "",
                        document_get_string(event.news, "instance.status"));
                if (code)
                        text_appendf(&text, "/%d", (int) document_int_value(code));
                const NotificationExpansion nobody = { .event_id = event.id, .waiting_max = 1 };
                assert_ok(notification_store_expand(store, &nobody, &dropped, err));
        }
}

static void a_deploy_is_told_once(void **state) {
        StoreCase *test = *state;

        put_agent(test->store);
        progress(test->store, "t1", "fetch");
        progress(test->store, "t1", "fetch");
        progress(test->store, "t1", "verify");
        progress(test->store, "t1", "pre_deploy");
        end(test->store, "t1", true, NULL, 0);
        end(test->store, "t1", true, NULL, 0);
        CLEANUP(free) char *said = told(test->store);
        assert_string_equal(said, "starting started done/0");
}

static void a_release_that_was_there_already_has_both_beginnings(void **state) {
        StoreCase *test = *state;

        put_agent(test->store);
        progress(test->store, "t1", "switch");
        end(test->store, "t1", false, "post_deploy", 3);
        CLEANUP(free) char *said = told(test->store);
        assert_string_equal(said, "starting started failed/-13");
}

static void scripts_and_ways_back_are_nobodys_news(void **state) {
        StoreCase *test = *state;

        put_agent(test->store);
        progress(test->store, "t1", "restore");
        end(test->store, "t1", true, NULL, 0);
        progress(test->store, "t2", "ghost-execute-script");
        end(test->store, "t2", false, "ghost-execute-script", 1);
        CLEANUP(free) char *said = told(test->store);
        assert_string_equal(said, "");
}

static void codes_say_what_failed(void **state) {
        StoreCase *test = *state;

        put_agent(test->store);
        static const struct {
                const char *hook;
                int exit_code;
                const char *said;
        } cases[] = {
                { NULL, 0, "starting failed/-11" },
                { "pre_deploy", 1, "starting failed/-12" },
                { "pre_deploy", 0, "starting failed/-11" },
                { "post_deploy", 0, "starting failed/-13" },
                { "post_bootstrap", 9, "starting failed/-5" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(free) char *task = xasprintf("t%zu", i);
                progress(test->store, task, "fetch");
                end(test->store, task, false, cases[i].hook, cases[i].exit_code);
                CLEANUP(free) char *said = told(test->store);
                assert_string_equal(said, cases[i].said);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_deploy_is_told_once),
                STORE_TEST(a_release_that_was_there_already_has_both_beginnings),
                STORE_TEST(scripts_and_ways_back_are_nobodys_news),
                STORE_TEST(codes_say_what_failed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
