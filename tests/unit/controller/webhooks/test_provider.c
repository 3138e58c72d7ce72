#include "harness/delivery_case.h"

static const HookProvider *provider_of(const char *first, const char *second) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{}");

        test->headers[0][0] = first;
        test->headers[1][0] = second;
        test->headers[0][1] = test->headers[1][1] = "x";
        return hook_provider_find(&test->delivery);
}

static void a_header_says_who_calls(void **state) {
        (void) state;
        assert_ptr_equal(provider_of("x-github-event", NULL), &github_provider);
        assert_ptr_equal(provider_of("X-Event-Key", NULL), &bitbucket_provider);
        assert_ptr_equal(provider_of("X-Gitlab-Event", NULL), &gitlab_provider);
        assert_ptr_equal(provider_of("X-Gitlab-Event", "X-Event-Key"), &bitbucket_provider);
        assert_ptr_equal(provider_of("X-Event-Key", "X-GitHub-Event"), &github_provider);
        assert_null(provider_of("X-Gitea-Event", NULL));
}

static void only_whole_prefixes_are_stripped(void **state) {
        CLEANUP(hook_news_clear) HookNews news = { 0 };

        (void) state;
        hook_news_add(&news, HOOK_PUSH, "refs/heads/refs/heads/x", NULL);
        hook_news_add(&news, HOOK_PUSH, "refs/pull/1/head", NULL);
        hook_news_add(&news, HOOK_TAG, "refs/tags/", NULL);
        hook_news_add(&news, HOOK_TAG, NULL, NULL);
        assert_string_equal(news.changes[0].revision, "refs/heads/x");
        assert_string_equal(news.changes[1].revision, "refs/pull/1/head");
        assert_string_equal(news.changes[2].revision, "");
        assert_null(news.changes[3].revision);
}

static void no_webhook_can_list_other_events(void **state) {
        (void) state;
        assert_string_equal(hook_event_word(HOOK_PUSH), "push");
        assert_string_equal(hook_event_word(HOOK_TAG), "tag");
        assert_string_equal(hook_event_word(HOOK_MERGE), "merge");
        assert_string_equal(hook_event_word(HOOK_OTHER), "other");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_header_says_who_calls),
                cmocka_unit_test(only_whole_prefixes_are_stripped),
                cmocka_unit_test(no_webhook_can_list_other_events),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
