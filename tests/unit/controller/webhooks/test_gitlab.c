#include "harness/delivery_case.h"

#define REPOSITORY "'repository':{'url':'git@gitlab.com:a/b.git','git_http_url':'https://gitlab.com/a/b.git'}"
#define MERGE(state, action)                                                                                 \
        "{'object_attributes':{'state':'" state "'," action                                                  \
        "'target_branch':'main','target':{'git_ssh_url':'git@gitlab.com:a/b.git'}}}"

static void the_samples_are_read(void **state) {
        CLEANUP(delivery_free) DeliveryCase *push = delivery_sample("gitlab_push_payload.json");
        CLEANUP(delivery_free) DeliveryCase *tag = delivery_sample("gitlab_tag_payload.json");
        CLEANUP(delivery_free) DeliveryCase *merge = delivery_sample("gitlab_merge_payload.json");

        (void) state;
        if (!push || !tag || !merge)
                skip();
        CLEANUP(hook_news_clear) HookNews pushed = news_of(&gitlab_provider, "Push Hook", push);
        CLEANUP(hook_news_clear) HookNews tagged = news_of(&gitlab_provider, "Tag Push Hook", tag);
        CLEANUP(hook_news_clear) HookNews merged = news_of(&gitlab_provider, "Merge Request Hook", merge);
        assert_change(&pushed, HOOK_PUSH, "master"); /* stripped, or git cannot clone it */
        assert_change(&tagged, HOOK_TAG, "master");
        assert_true(string_list_contains(&pushed.urls, "https://gitlab.com/test/test.git"));
        /* The sample tells that a request was opened. */
        assert_int_equal(merged.changes[0].event, HOOK_MERGE);
        assert_string_equal(merged.changes[0].revision, "master");
        assert_string_equal(merged.changes[0].idle, "the merge request is not merged");
        assert_true(string_list_contains(&merged.urls, "git@gitlab.com:test/test.git"));
}

static bool merges(const char *json) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json(json);
        CLEANUP(hook_news_clear) HookNews news = news_of(&gitlab_provider, "Merge Request Hook", test);

        assert_int_equal(news.changes[0].event, HOOK_MERGE);
        return !news.changes[0].idle;
}

static void a_merge_is_told_once_when_it_is_done(void **state) {
        (void) state;
        assert_true(merges(MERGE("merged", "'action':'merge',")));
        assert_true(merges(MERGE("merged", "")));
        assert_false(merges(MERGE("merged", "'action':'update',")));
        assert_false(merges(MERGE("opened", "'action':'open',")));
        assert_false(merges(MERGE("opened", "'action':'merge',")));
        assert_false(merges(MERGE("closed", "'action':'close',")));
}

static void a_deleted_branch_or_tag_is_idle(void **state) {
        CLEANUP(delivery_free)
        DeliveryCase *test = delivery_json(
                "{'ref':'refs/tags/v1','after':'0000000000000000000000000000000000000000'," REPOSITORY "}");
        CLEANUP(hook_news_clear) HookNews news = news_of(&gitlab_provider, "Tag Push Hook", test);

        (void) state;
        assert_int_equal(news.changes[0].event, HOOK_TAG);
        assert_string_equal(news.changes[0].idle, "the branch or tag was deleted");
}

static void other_events_are_something_else(void **state) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{}");
        CLEANUP(hook_news_clear) HookNews news = news_of(&gitlab_provider, "Pipeline Hook", test);

        (void) state;
        assert_int_equal(news.changes[0].event, HOOK_OTHER);
}

static void what_is_missing_is_named(void **state) {
        (void) state;
        assert_unreadable(&gitlab_provider, "Push Hook", "{}", "'repository'");
        assert_unreadable(&gitlab_provider, "Push Hook", "{" REPOSITORY "}", "'ref'");
        assert_unreadable(&gitlab_provider, "Merge Request Hook", "{}", "'object_attributes'");
        assert_unreadable(&gitlab_provider, "Merge Request Hook", "{'object_attributes':{}}", "'target'");
        assert_unreadable(
                &gitlab_provider, "Merge Request Hook", "{'object_attributes':{'target':{'url':'u'}}}",
                "'target_branch'");
}

static void the_token_is_the_secret(void **state) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{}");

        (void) state;
        assert_false(gitlab_provider.is_authentic(&test->delivery, "s3cret"));
        test->headers[0][0] = "X-GITLAB-TOKEN";
        test->headers[0][1] = "s3cret";
        assert_true(gitlab_provider.is_authentic(&test->delivery, "s3cret"));
        assert_false(gitlab_provider.is_authentic(&test->delivery, "s3cre"));
        assert_false(gitlab_provider.is_authentic(&test->delivery, "s3cret "));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_samples_are_read),
                cmocka_unit_test(a_merge_is_told_once_when_it_is_done),
                cmocka_unit_test(a_deleted_branch_or_tag_is_idle),
                cmocka_unit_test(other_events_are_something_else),
                cmocka_unit_test(what_is_missing_is_named),
                cmocka_unit_test(the_token_is_the_secret),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
