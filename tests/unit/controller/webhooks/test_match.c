#include "harness/delivery_case.h"

#include "webhooks/match.h"

#define APP                                                                                                  \
        "{'modules':[{'name':'site','git_repo':'git@github.com:a/b.git'},{'name':'data','git_repo':"         \
        "'s3://bucket/x','source':{'protocol':'s3'}}]}"
#define HOOK                                                                                                 \
        "{'app_id':'0123456789abcdef01234567','module':'site','rev':'^(main|v.*)$','events':['push','tag']," \
        "'commands':['deploy','buildimage','deploy'],'options':%s}"

static Document *hook_of(const char *options) {
        CLEANUP(text_clear) Text text = { 0 };

        text_appendf(&text, HOOK, options);
        return json_of(text.data);
}

typedef struct Case {
        const char *app, *url, *secret, *revision;
        HookEvent event;
        const char *idle;
        bool ping;
        const char *token;
} Case;

/* "" for a match, else the reason. */
static const char *ask(const Case *asked) {
        static char answer[100];
        CLEANUP(document_free) Document *app = asked->app ? json_of(asked->app) : NULL;
        CLEANUP(document_free) Document *webhook = hook_of("{}");
        CLEANUP(hook_news_clear) HookNews news = { .ping = asked->ping };
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{}");

        test->headers[0][0] = "X-Gitlab-Token";
        test->headers[0][1] = asked->token;
        hook_news_add(&news, asked->event, asked->revision, asked->idle);
        if (asked->url)
                string_list_add(&news.urls, asked->url);
        Match match = match_delivery(&(MatchQuestion){ .webhook = webhook,
                                                       .app = app,
                                                       .secret = asked->secret ? asked->secret : "",
                                                       .provider = &gitlab_provider,
                                                       .delivery = &test->delivery,
                                                       .news = &news });
        (void) snprintf(
                answer, sizeof(answer), "%d %s %s", (int) match.verdict, match.reason ? match.reason : "-",
                match.change && match.change->revision ? match.change->revision : "-");
        return answer;
}

#define GOOD .app = APP, .url = "https://github.com/a/b"

static void everything_must_fit(void **state) {
        (void) state;
        assert_string_equal(ask(&(Case){ GOOD, .revision = "main" }), "0 - main");
        assert_string_equal(ask(&(Case){ GOOD, .revision = "main", .event = HOOK_TAG }), "0 - main");
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .event = HOOK_MERGE }), "3 invalid event -");
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .event = HOOK_OTHER }), "3 invalid event -");
        assert_string_equal(
                ask(&(Case){ .app = APP, .url = "https://github.com/a/c", .revision = "main" }),
                "3 invalid repo url main");
        assert_string_equal(
                ask(&(Case){ .url = "https://github.com/a/b", .revision = "main" }),
                "3 invalid repo url main");
        assert_string_equal(
                ask(&(Case){ .app = "{}", .url = "https://github.com/a/b", .revision = "main" }),
                "3 invalid repo url main");
}

static void revisions_match_and_are_no_options(void **state) {
        static const char *const bad[] = { "maine", "feature", "-main", "", "v 1", "v\n", "v\x7f" };

        (void) state;
        assert_string_equal(ask(&(Case){ GOOD, .revision = "v1.0" }), "0 - v1.0");
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_true(text_starts_with(ask(&(Case){ GOOD, .revision = bad[i] }), "3 invalid revision"));
        CLEANUP(free) char *long_one = xcalloc(1, 400);
        memset(long_one, 'v', 300);
        assert_true(text_starts_with(ask(&(Case){ GOOD, .revision = long_one }), "3 invalid revision"));
        assert_string_equal(ask(&(Case){ GOOD, .revision = NULL }), "3 invalid revision -");
}

static void the_secret_comes_first(void **state) {
        (void) state;
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .secret = "s", .token = "s" }), "0 - main");
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .secret = "s", .token = "t" }), "3 invalid secret -");
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .secret = "s", .event = HOOK_OTHER }),
                "3 invalid secret -");
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .secret = "s", .ping = true }), "3 invalid secret -");
        assert_string_equal(ask(&(Case){ GOOD, .revision = "main", .token = "whatever" }), "0 - main");
}

static void pings_and_deletions_are_no_faults(void **state) {
        (void) state;
        assert_string_equal(ask(&(Case){ .ping = true, .event = HOOK_OTHER }), "2 pong -");
        assert_string_equal(ask(&(Case){ GOOD, .revision = "main", .idle = "gone" }), "1 gone main");
        assert_string_equal(
                ask(&(Case){ GOOD, .revision = "main", .idle = "gone", .event = HOOK_MERGE }),
                "3 invalid event -");
}

static void the_first_change_that_fits_counts(void **state) {
        CLEANUP(document_free) Document *app = json_of(APP);
        CLEANUP(document_free) Document *webhook = hook_of("{}");
        CLEANUP(hook_news_clear) HookNews news = { 0 };
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json("{}");

        (void) state;
        string_list_add(&news.urls, "git@github.com:a/b");
        hook_news_add(&news, HOOK_MERGE, "main", NULL);
        hook_news_add(&news, HOOK_PUSH, "other", NULL);
        hook_news_add(&news, HOOK_PUSH, "main", "gone");
        hook_news_add(&news, HOOK_TAG, "refs/tags/v2", NULL);
        Match match = match_delivery(&(MatchQuestion){ .webhook = webhook,
                                                       .app = app,
                                                       .secret = "",
                                                       .provider = &bitbucket_provider,
                                                       .delivery = &test->delivery,
                                                       .news = &news });
        assert_int_equal(match.verdict, MATCH_OK);
        assert_string_equal(match.change->revision, "v2");
}

static void a_job_is_asked_for_once_per_command(void **state) {
        CLEANUP(document_free) Document *webhook = hook_of("{'instance_type':'t3.small'}");
        CLEANUP(document_free) Document *jobs = match_make_jobs(webhook, "v1");
        CLEANUP(document_free)
        Document *first = json_of("{'app_id':'0123456789abcdef01234567','command':'deploy','modules':[{'name'"
                                  ":'site','rev':'v1'}],"
                                  "'options':[],'instance_type':'t3.small'}");

        (void) state;
        assert_int_equal(document_count(jobs), 2);
        assert_true(document_equal(document_at(jobs, 0), first));
        assert_string_equal(document_get_string(document_at(jobs, 1), "command"), "buildimage");
}

static void assert_options(const char *given, const char *expected) {
        CLEANUP(document_free) Document *webhook = hook_of(given);
        CLEANUP(document_free) Document *jobs = match_make_jobs(webhook, "v1");
        CLEANUP(free) char *options = document_text(document_get(document_at(jobs, 0), "options"));
        CLEANUP(document_free) Document *list = json_of(expected);
        CLEANUP(free) char *text = document_text(list);

        assert_string_equal(options, text);
        assert_null(document_get(document_at(jobs, 0), "instance_type"));
}

static void options_have_a_fixed_order_and_no_empty_words(void **state) {
        (void) state;
        assert_options(
                "{'safe_deployment_strategy':'1by1','fabric_execution_strategy':'parallel'}",
                "['parallel','1by1']");
        assert_options(
                "{'fabric_execution_strategy':'serial','safe_deployment_strategy':'None','instance_type':''}",
                "['serial']");
        assert_options(
                "{'fabric_execution_strategy':null,'safe_deployment_strategy':'','instance_type':null}",
                "[]");
        /* The groups stand in the second place, whatever the first. */
        assert_options("{'safe_deployment_strategy':'50%'}", "['serial','50%']");
        /* Those with a name stand behind; what no command knows means nothing. */
        assert_options(
                "{'aa':'x','max_failures':'1','fabric_execution_strategy':'serial','bb':7}",
                "['serial','max_failures=1']");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(everything_must_fit),
                cmocka_unit_test(revisions_match_and_are_no_options),
                cmocka_unit_test(the_secret_comes_first),
                cmocka_unit_test(pings_and_deletions_are_no_faults),
                cmocka_unit_test(the_first_change_that_fits_counts),
                cmocka_unit_test(a_job_is_asked_for_once_per_command),
                cmocka_unit_test(options_have_a_fixed_order_and_no_empty_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
