#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include <stdio.h>

#include "base/process.h"
#include "completion.h"
#include "usage.h"

static void the_table_is_alphabetical_and_explained(void **state) {
        const char *last = "";

        (void) state;
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                assert_true(strcmp(last, (*command)->name) < 0);
                last = (*command)->name;
                assert_false(text_empty((*command)->summary));
                assert_false(text_ends_with((*command)->summary, "."));
                assert_non_null((*command)->words);
                assert_non_null((*command)->run);
                for (const CliOption *option = (*command)->options; option && option->name; option++)
                        assert_false(text_empty(option->help));
        }
}

static bool in_some_group(const CliCommand *command) {
        for (const CliGroup *group = cli_groups; group->word; group++)
                if (cli_command_in_group(command, group))
                        return true;
        return false;
}

static void words_in_front_are_groups(void **state) {
        (void) state;
        for (const CliCommand *const *command = cli_commands; *command; command++)
                assert_int_equal(in_some_group(*command), strchr((*command)->name, ' ') != NULL);
        for (const CliGroup *group = cli_groups; group->word; group++) {
                size_t members = 0;

                for (const CliCommand *const *command = cli_commands; *command; command++)
                        members += cli_command_in_group(*command, group) != NULL;
                assert_true(members > 0);
        }
}

/* What a person remembers of one command holds for the others; the completions of fish rely on it. */
static void an_option_takes_a_value_everywhere_or_nowhere(void **state) {
        (void) state;
        for (const CliCommand *const *a = cli_commands; *a; a++)
                for (const CliOption *one = (*a)->options; one && one->name; one++)
                        for (const CliCommand *const *b = a; *b; b++)
                                for (const CliOption *two = (*b)->options; two && two->name; two++)
                                        if (strcmp(one->name, two->name) == 0)
                                                assert_int_equal(!one->argument, !two->argument);
}

static void an_option_of_its_own_hides_the_common_one(void **state) {
        CliOption options[CLI_OPTION_MAX + 1] = { 0 };
        int outputs = 0;

        (void) state;
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (strcmp((*command)->name, "deploy") == 0)
                        cli_command_options(*command, options);
        for (const CliOption *option = options; option->name; option++)
                if (strcmp(option->name, "output") == 0) {
                        outputs++;
                        assert_string_equal(option->argument, "FILE");
                }
        assert_int_equal(outputs, 1);
}

typedef void (*Printer)(FILE *out);

static char *print(Printer printer) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);

        printer(out);
        assert_int_equal(fclose(out), 0);
        return text;
}

/* Every command's words and every option must be somewhere in it. */
static void assert_complete(Printer printer, const char *prefix) {
        CLEANUP(free) char *text = print(printer);

        for (const CliCommand *const *command = cli_commands; *command; command++) {
                CLEANUP(string_list_clear) StringList words = { 0 };

                text_split((*command)->name, ' ', &words);
                for (size_t i = 0; i < words.count; i++)
                        if (!strstr(text, words.items[i]))
                                fail_msg("'%s' is missing", (*command)->name);
                for (const CliOption *option = (*command)->options; option && option->name; option++) {
                        CLEANUP(free) char *typed = xasprintf("%s%s", prefix, option->name);

                        if (!strstr(text, typed))
                                fail_msg("'%s' of '%s' is missing", typed, (*command)->name);
                }
        }
}

/* As roff writes a hyphen. */
static void append_for_roff(const char *text, Text *roff) {
        for (; *text; text++)
                text_appendf(roff, "%s%c", *text == '-' ? "\\" : "", *text);
}

static void every_command_is_in_each_completion_and_in_the_manual(void **state) {
        CLEANUP(free) char *manual = print(usage_manual);

        (void) state;
        assert_complete(completion_bash, "--");
        assert_complete(completion_zsh, "--");
        assert_complete(completion_fish, "-l ");
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                CLEANUP(text_clear) Text title = { 0 };

                text_append(&title, ".SS \"");
                append_for_roff((*command)->name, &title);
                assert_non_null(strstr(manual, title.data));
                for (const CliOption *option = (*command)->options; option && option->name; option++) {
                        CLEANUP(text_clear) Text line = { 0 };

                        text_append(&line, "\\fB\\-\\-");
                        append_for_roff(option->name, &line);
                        text_append(&line, "\\fR");
                        assert_non_null(strstr(manual, line.data));
                }
        }
}

/* What the program says about the printed text; NULL when it is not installed. */
static char *judge(Printer printer, const char *name, const char *const *argv) {
        CLEANUP(free) char *text = print(printer);
        char *folder = temp_folder();
        const char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", NULL };
        const ProcessSpec spec = {
                .argv = argv,
                .environment = environment,
                .folder = folder,
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .deadline = deadline_after_ms(60000),
                .output_max_bytes = 1 << 20,
        };
        CLEANUP(error_free) Error *why = NULL;
        char *output = NULL;

        temp_write(folder, name, text);
        if (!process_capture(&spec, &output, &why)) {
                if (!strstr(error_message(why), "not found"))
                        output = xasprintf("failed: %s", error_message(why));
                else
                        print_message("%s is not installed\n", argv[0]);
        }
        temp_remove(folder);
        return output;
}

static void assert_no_complaint(Printer printer, const char *const *argv) {
        CLEANUP(free) char *said = judge(printer, "file", argv);

        if (said)
                assert_string_equal(said, "");
}

static void shells_and_manuals_take_what_is_printed(void **state) {
        static const char *const bash[] = { "bash", "-n", "file", NULL };
        static const char *const zsh[] = { "zsh", "-f", "-n", "file", NULL };
        static const char *const fish[] = { "fish", "--no-config", "-n", "file", NULL };
        static const char *const mandoc[] = { "sh", "-c",
                                              "command -v mandoc >/dev/null || exit 0\n"
                                              "mandoc -T lint -W warning file | grep -v 'missing date' || :",
                                              NULL };

        (void) state;
        assert_no_complaint(completion_bash, bash);
        assert_no_complaint(completion_zsh, zsh);
        assert_no_complaint(completion_fish, fish);
        assert_no_complaint(usage_manual, mandoc);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_table_is_alphabetical_and_explained),
                cmocka_unit_test(words_in_front_are_groups),
                cmocka_unit_test(an_option_takes_a_value_everywhere_or_nowhere),
                cmocka_unit_test(an_option_of_its_own_hides_the_common_one),
                cmocka_unit_test(every_command_is_in_each_completion_and_in_the_manual),
                cmocka_unit_test(shells_and_manuals_take_what_is_printed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
