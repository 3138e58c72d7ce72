#include "harness/delivery_case.h"

#define REPOSITORY "'repository':{'full_name':'a/b','links':{'html':{'href':'https://bitbucket.org/a/b'}}}"
#define PUSH(changes) "{'push':{'changes':[" changes "]}," REPOSITORY "}"

static void the_samples_are_read(void **state) {
        CLEANUP(delivery_free) DeliveryCase *push = delivery_sample("bitbucket_push_payload.json");
        CLEANUP(delivery_free) DeliveryCase *tag = delivery_sample("bitbucket_tag_payload.json");
        CLEANUP(delivery_free) DeliveryCase *merge = delivery_sample("bitbucket_merge_payload.json");

        (void) state;
        if (!push || !tag || !merge)
                skip();
        CLEANUP(hook_news_clear) HookNews pushed = news_of(&bitbucket_provider, "repo:push", push);
        CLEANUP(hook_news_clear) HookNews tagged = news_of(&bitbucket_provider, "repo:push", tag);
        CLEANUP(hook_news_clear)
        HookNews merged = news_of(&bitbucket_provider, "pullrequest:fulfilled", merge);
        assert_change(&pushed, HOOK_PUSH, "master");
        assert_change(&tagged, HOOK_TAG, "master");
        assert_change(&merged, HOOK_MERGE, "master");
        assert_true(string_list_contains(&pushed.urls, "git@bitbucket.org:test/test.git"));
        assert_true(string_list_contains(&merged.urls, "https://bitbucket.org/test/test.git"));
}

static void a_branch_that_is_gone_is_idle(void **state) {
        CLEANUP(delivery_free)
        DeliveryCase *test = delivery_json(PUSH("{'new':null,'old':{'type':'branch','name':'old'}}"));
        CLEANUP(hook_news_clear) HookNews news = news_of(&bitbucket_provider, "repo:push", test);

        (void) state;
        assert_int_equal(news.changes[0].event, HOOK_PUSH);
        assert_string_equal(news.changes[0].revision, "old");
        assert_string_equal(news.changes[0].idle, "the branch or tag was deleted");
}

static void one_push_may_move_several_branches(void **state) {
        CLEANUP(delivery_free)
        DeliveryCase *test = delivery_json(PUSH("{'new':{'type':'branch','name':'x'}},{'new':{'type':'tag','"
                                                "name':'v1'}},{'new':{'type':'bookmark',"
                                                "'name':'y'}}"));
        CLEANUP(hook_news_clear) HookNews news = news_of(&bitbucket_provider, "repo:push", test);
        CLEANUP(text_clear) Text many = { 0 };

        (void) state;
        assert_int_equal(news.count, 3);
        assert_int_equal(news.changes[1].event, HOOK_TAG);
        assert_string_equal(news.changes[1].revision, "v1");
        assert_int_equal(news.changes[2].event, HOOK_OTHER);

        text_append(&many, "{'push':{'changes':[{'new':{'type':'branch','name':'x'}}");
        for (int i = 0; i < 100; i++)
                text_append(&many, ",{'new':{'type':'branch','name':'x'}}");
        text_append(&many, "]}," REPOSITORY "}");
        CLEANUP(delivery_free) DeliveryCase *flood = delivery_json(many.data);
        CLEANUP(hook_news_clear) HookNews bounded = news_of(&bitbucket_provider, "repo:push", flood);
        assert_int_equal(bounded.count, HOOK_CHANGES_MAX);
}

static void other_events_are_something_else(void **state) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{}");
        CLEANUP(hook_news_clear) HookNews news = news_of(&bitbucket_provider, "pullrequest:created", test);
        CLEANUP(hook_news_clear) HookNews ping = news_of(&bitbucket_provider, "diagnostics:ping", test);

        (void) state;
        assert_int_equal(news.changes[0].event, HOOK_OTHER);
        assert_false(news.ping);
        assert_true(ping.ping);
}

static void what_is_missing_is_named(void **state) {
        (void) state;
        assert_unreadable(&bitbucket_provider, "repo:push", "{}", "'repository'");
        assert_unreadable(&bitbucket_provider, "repo:push", "{'repository':{}}", "'full_name'");
        assert_unreadable(&bitbucket_provider, "repo:push", "{" REPOSITORY "}", "'push'");
        assert_unreadable(&bitbucket_provider, "repo:push", PUSH(""), "'changes'");
        assert_unreadable(&bitbucket_provider, "repo:push", PUSH("7"), "'new'");
        assert_unreadable(&bitbucket_provider, "repo:push", PUSH("{'new':null}"), "'new'");
        assert_unreadable(&bitbucket_provider, "repo:push", PUSH("{'new':{}}"), "'name'");
        assert_unreadable(
                &bitbucket_provider, "pullrequest:fulfilled",
                "{'pullrequest':{'destination':{}}," REPOSITORY "}", "'branch'");
}

static void a_secret_asks_for_a_signature(void **state) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{'a':1}");

        (void) state;
        assert_false(bitbucket_provider.is_authentic(&test->delivery, "secret"));
        test->headers[0][0] = "X-Hub-Signature";
        test->headers[0][1] = "sha256=aa9e2e3575f5d7098b6caccd790888c36d5fdb63342a73bada2d6a51747a8494";
        assert_true(bitbucket_provider.is_authentic(&test->delivery, "secret"));
        assert_false(bitbucket_provider.is_authentic(&test->delivery, "other"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_samples_are_read),
                cmocka_unit_test(a_branch_that_is_gone_is_idle),
                cmocka_unit_test(one_push_may_move_several_branches),
                cmocka_unit_test(other_events_are_something_else),
                cmocka_unit_test(what_is_missing_is_named),
                cmocka_unit_test(a_secret_asks_for_a_signature),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
