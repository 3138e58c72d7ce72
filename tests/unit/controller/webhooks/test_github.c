#include "harness/delivery_case.h"

#define REPOSITORY                                                                                           \
        "'repository':{'url':'https://github.com/a/b','clone_url':'https://github.com/a/b.git','ssh_url':"   \
        "'git@github.com:a/b.git','git_url':null}"

static void the_samples_are_read(void **state) {
        CLEANUP(delivery_free) DeliveryCase *push = delivery_sample("github_push_payload.json");
        CLEANUP(delivery_free) DeliveryCase *tag = delivery_sample("github_tag_payload.json");
        CLEANUP(delivery_free) DeliveryCase *merge = delivery_sample("github_merge_payload.json");

        (void) state;
        if (!push || !tag || !merge)
                skip();
        CLEANUP(hook_news_clear) HookNews pushed = news_of(&github_provider, "push", push);
        CLEANUP(hook_news_clear) HookNews tagged = news_of(&github_provider, "create", tag);
        CLEANUP(hook_news_clear) HookNews merged = news_of(&github_provider, "pull_request", merge);
        assert_change(&pushed, HOOK_PUSH, "master");
        assert_change(&tagged, HOOK_TAG, "master");
        assert_change(&merged, HOOK_MERGE, "master");
        assert_true(string_list_contains(&pushed.urls, "git@github.com:test/test.git"));
        assert_true(string_list_contains(&merged.urls, "https://github.com/test/test.git"));
}

static void references_lose_their_prefix_and_keep_their_slashes(void **state) {
        CLEANUP(delivery_free)
        DeliveryCase *branch = delivery_json("{'ref':'refs/heads/a/b'," REPOSITORY "}");
        CLEANUP(delivery_free) DeliveryCase *tag = delivery_json("{'ref':'refs/tags/v1'," REPOSITORY "}");
        CLEANUP(hook_news_clear) HookNews pushed = news_of(&github_provider, "push", branch);
        CLEANUP(hook_news_clear) HookNews tagged = news_of(&github_provider, "push", tag);

        (void) state;
        assert_change(&pushed, HOOK_PUSH, "a/b");
        assert_change(&tagged, HOOK_PUSH, "v1");
        assert_int_equal(pushed.urls.count, 3);
}

static void assert_other(const char *event, const char *json) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json(json);
        CLEANUP(hook_news_clear) HookNews news = news_of(&github_provider, event, test);

        assert_int_equal(news.changes[0].event, HOOK_OTHER);
        assert_int_equal(news.ping, strcmp(event, "ping") == 0);
}

static void what_is_no_push_tag_or_merge_is_something_else(void **state) {
        (void) state;
        assert_other("create", "{'ref':'b','ref_type':'branch'," REPOSITORY "}");
        assert_other(
                "pull_request",
                "{'action':'opened','pull_request':{'merged':false,'base':{'ref':'m'}}," REPOSITORY "}");
        assert_other(
                "pull_request",
                "{'action':'closed','pull_request':{'merged':false,'base':{'ref':'m'}}," REPOSITORY "}");
        assert_other(
                "pull_request",
                "{'action':'labeled','pull_request':{'merged':true,'base':{'ref':'m'}}," REPOSITORY "}");
        assert_other("issues", "{}");
        assert_other("ping", "{'zen':'Keep it logically awesome.','hook_id':1}");
}

static void a_deleted_branch_is_idle(void **state) {
        CLEANUP(delivery_free)
        DeliveryCase *test = delivery_json("{'ref':'refs/heads/a','deleted':true," REPOSITORY "}");
        CLEANUP(delivery_free)
        DeliveryCase *zeros = delivery_json(
                "{'ref':'refs/heads/a','after':'0000000000000000000000000000000000000000'," REPOSITORY "}");
        CLEANUP(hook_news_clear) HookNews told = news_of(&github_provider, "push", test);
        CLEANUP(hook_news_clear) HookNews shown = news_of(&github_provider, "push", zeros);

        (void) state;
        assert_non_null(told.changes[0].idle);
        assert_non_null(shown.changes[0].idle);
}

static void what_is_missing_is_named(void **state) {
        (void) state;
        assert_unreadable(&github_provider, "push", "{}", "'repository'");
        assert_unreadable(&github_provider, "push", "{'repository':'x'}", "'repository'");
        assert_unreadable(&github_provider, "push", "{'repository':{}}", "'url'");
        assert_unreadable(&github_provider, "push", "{" REPOSITORY "}", "'ref'");
        assert_unreadable(&github_provider, "push", "{'ref':7," REPOSITORY "}", "'ref'");
        assert_unreadable(&github_provider, "create", "{" REPOSITORY "}", "'ref_type'");
        assert_unreadable(&github_provider, "pull_request", "{}", "'action'");
        assert_unreadable(&github_provider, "pull_request", "{'action':'closed'}", "'pull_request'");
        assert_unreadable(
                &github_provider, "pull_request", "{'action':'closed','pull_request':{}," REPOSITORY "}",
                "'base'");
}

/* Signatures made with: printf '{"a":1}' | openssl dgst -sha256 -hmac secret */
static void either_signature_will_do_but_the_better_decides(void **state) {
        static const char sha256[] =
                "sha256=aa9e2e3575f5d7098b6caccd790888c36d5fdb63342a73bada2d6a51747a8494";
        static const char sha1[] = "sha1=f8446672f033e4b2beafc5ca3a71eafcd2cafb6e";
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{'a':1}");

        (void) state;
        assert_false(github_provider.is_authentic(&test->delivery, "secret"));
        test->headers[0][0] = "x-hub-signature";
        test->headers[0][1] = sha1;
        assert_true(github_provider.is_authentic(&test->delivery, "secret"));
        assert_false(github_provider.is_authentic(&test->delivery, "Secret"));
        test->headers[1][0] = "x-hub-signature-256";
        test->headers[1][1] = sha256;
        assert_true(github_provider.is_authentic(&test->delivery, "secret"));
        test->headers[1][1] = "sha256=00";
        assert_false(github_provider.is_authentic(&test->delivery, "secret"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_samples_are_read),
                cmocka_unit_test(references_lose_their_prefix_and_keep_their_slashes),
                cmocka_unit_test(what_is_no_push_tag_or_merge_is_something_else),
                cmocka_unit_test(a_deleted_branch_is_idle),
                cmocka_unit_test(what_is_missing_is_named),
                cmocka_unit_test(either_signature_will_do_but_the_better_decides),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
