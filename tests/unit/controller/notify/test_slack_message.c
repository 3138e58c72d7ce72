#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "harness/job_event.h"
#include "notify/slack_message.h"

static const SlackSpec spec = { .url = "http://x",
                                .channel = "#ops",
                                .bot_name = "ghost",
                                .bot_icon = "https://x/icon.png",
                                .message_prefix = "Hear, hear" };

static Document *message_of(
        const SlackSpec *slack, const char *status, const char *text, const char *extract) {
        CLEANUP(document_free) Document *event = job_event(status, "ann", text);
        CLEANUP(job_news_clear) JobNews news = job_news_read(event, "https://g.example");
        CLEANUP(free) char *json = slack_message(slack, &news, extract);
        CLEANUP(error_free) Error *problem = NULL;

        return document_parse(json, strlen(json), &problem);
}

static void assert_member(const Document *message, const char *path, const char *expected) {
        assert_string_equal(document_get_string(message, path), expected);
}

static void a_message_has_the_members_slack_knows(void **state) {
        static const char *const fields[][2] = {
                { "Application", "shop" }, { "Environnement", "prod" },
                { "Role", "web" },         { "Command", "deploy" },
                { "User", "ann" },         { "Status", "done" },
                { "Message", "fine" },     { "Log extract", "[...]\na\nb" },
        };
        CLEANUP(document_free) Document *message = message_of(&spec, "done", "fine", "a\nb");

        (void) state;
        assert_member(message, "channel", "#ops");
        assert_member(message, "username", "ghost");
        assert_member(message, "icon_url", "https://x/icon.png");
        assert_int_equal(document_count(document_get(message, "attachments")), 1);
        assert_member(
                message, "attachments.0.fallback",
                ":ok_hand: [shop][*prod*][web] *deploy* job triggered by [*ann*] is *done* (message: fine)");
        assert_member(message, "attachments.0.pretext", "Hear, hear");
        assert_member(message, "attachments.0.color", "#4CAF50");
        assert_member(message, "attachments.0.title", "Job #" JOB_EVENT_ID " triggered by ann");
        assert_member(message, "attachments.0.title_link", "https://g.example/web/jobs/" JOB_EVENT_ID);
        assert_member(message, "attachments.0.footer", "Created at 2026-11-23 19:28:20 UTC");
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                const Document *field = document_at(document_get(message, "attachments.0.fields"), i);

                assert_member(field, "title", fields[i][0]);
                assert_member(field, "value", fields[i][1]);
        }
}

static void what_is_not_set_is_left_to_slack(void **state) {
        const SlackSpec bare = { .url = "http://x" };
        CLEANUP(document_free) Document *message = message_of(&bare, "failed", "x", "");

        (void) state;
        assert_null(document_get(message, "channel"));
        assert_null(document_get(message, "username"));
        assert_null(document_get(message, "icon_url"));
        assert_member(
                message, "attachments.0.fallback",
                ":warning: [shop][*prod*][web] *deploy* job triggered by [*ann*] is *failed* (message: x)");
        assert_member(message, "attachments.0.color", "#F44336");
}

static void nobody_is_called_by_a_message(void **state) {
        CLEANUP(document_free) Document *message = message_of(&spec, "failed", "<!channel> & \"b\"\n", "<x>");

        (void) state;
        assert_member(message, "attachments.0.fields.6.value", "&lt;!channel&gt; &amp; \"b\"\n");
        assert_member(message, "attachments.0.fields.7.value", "[...]\n&lt;x&gt;");
        assert_null(strstr(document_get_string(message, "attachments.0.fallback"), "<!"));
}

static void a_long_message_is_cut(void **state) {
        CLEANUP(text_clear) Text text = { 0 };

        (void) state;
        for (int i = 0; i < 100000; i++)
                text_append(&text, "é");
        CLEANUP(document_free) Document *message = message_of(&spec, "failed", text.data, "");
        const char *value = document_get_string(message, "attachments.0.fields.6.value");
        assert_true(strlen(value) <= 2004);
        assert_true(text_ends_with(value, "é…"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_message_has_the_members_slack_knows),
                cmocka_unit_test(what_is_not_set_is_left_to_slack),
                cmocka_unit_test(nobody_is_called_by_a_message),
                cmocka_unit_test(a_long_message_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
