#include "harness/ghost_test.h"

#include "harness/json_text.h"
#include "harness/temp_folder.h"
#include "notify/slack_file.h"

typedef struct Channels {
        Channel *items[SLACK_CHANNELS_MAX];
        size_t count;
} Channels;

static void channels_clearp(Channels *channels) {
        for (size_t i = 0; i < channels->count; i++)
                channel_free(channels->items[i]);
}

static bool read_file(const char *folder, const char *content, Channels *ret, Error **err) {
        CLEANUP(free) char *text = json_text(content), *path = xasprintf("%s/s.json", folder);
        CLEANUP(error_free) Error *why = NULL;

        temp_write(folder, "s.json", text);
        if (slack_file_read(path, "done", ret->items, &ret->count, &why))
                return true;
        assert_true(text_starts_with(error_message(why), path));
        return error_set(err, error_kind(why), "%s", error_message(why) + strlen(path));
}

static int set_up(void **state) {
        *state = temp_folder();
        return 0;
}

static int tear_down(void **state) {
        temp_remove(*state);
        return 0;
}

static void each_entry_is_a_channel_of_its_own(void **state) {
        CLEANUP(channels_clear) Channels channels = { 0 };
        const Document *nothing = NULL;
        const JobNews done = { .status = JOB_DONE }, failed = { .status = JOB_FAILED };
        CLEANUP(string_list_clear) StringList told = { 0 };

        assert_ok(read_file(
                *state,
                "[{'webhooks_endpoint':'https://a/1','channel':'#one','bot_name':'g'},"
                "{'webhooks_endpoint':'https://a/1','channel':'#two'}]",
                &channels, err));
        assert_int_equal(channels.count, 2);
        assert_true(text_starts_with(channels.items[0]->name, "slack/"));
        assert_string_not_equal(channels.items[0]->name, channels.items[1]->name);
        channels.items[1]->driver->add_recipients(channels.items[1], nothing, &done, &told);
        channels.items[1]->driver->add_recipients(channels.items[1], nothing, &failed, &told);
        assert_int_equal(told.count, 1);
        assert_string_equal(told.items[0], "#two");
}

static void a_bad_file_is_refused_without_its_secrets(void **state) {
        CLEANUP(channels_clear) Channels channels = { 0 };
        CLEANUP(text_clear) Text many = { 0 };

        assert_fails(ERROR_INVALID, ": it holds no list", read_file(*state, "{}", &channels, err));
        assert_fails(
                ERROR_INVALID, ": [1]: webhooks_endpoint is no URL",
                read_file(
                        *state, "[{'webhooks_endpoint':'https://a/1'},{'webhooks_endpoint':'secret'}]",
                        &channels, err));
        assert_fails(
                ERROR_INVALID, ": [0]: webhooks_endpoint is no URL",
                read_file(*state, "[7]", &channels, err));
        text_append(&many, "[{'webhooks_endpoint':'https://a/0'}");
        for (int i = 1; i < 20; i++)
                text_appendf(&many, ",{'webhooks_endpoint':'https://a/%d'}", i);
        text_append(&many, "]");
        assert_fails(
                ERROR_INVALID, ": [15]: more than 16 channels", read_file(*state, many.data, &channels, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(each_entry_is_a_channel_of_its_own, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_bad_file_is_refused_without_its_secrets, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
