#include "arguments.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>
#include <strings.h>

static size_t option_count(const CliOption *options) {
        size_t count = 0;

        while (options && options[count].name)
                count++;
        assert(count <= CLI_OPTION_MAX);
        return count;
}

static void fill_getopt(const CliOption *options, size_t count, struct option *longs, Text *letters) {
        text_append(letters, ":");
        for (size_t i = 0; i < count; i++) {
                longs[i] = (struct option){
                        .name = options[i].name,
                        .has_arg = options[i].argument ? required_argument : no_argument,
                        .val = 256 + (int) i,
                };
                if (options[i].letter)
                        text_appendf(letters, "%c%s", options[i].letter, options[i].argument ? ":" : "");
        }
}

static size_t option_index(const CliOption *options, size_t count, int value) {
        if (value >= 256)
                return (size_t) value - 256;
        for (size_t i = 0; i < count; i++)
                if (options[i].letter == (char) value)
                        return i;
        return count;
}

static bool wrong_option(int value, char **argv, Error **err) {
        if (value == ':')
                return error_set(err, ERROR_INVALID, "option '%s' needs a value", argv[optind - 1]);
        if (optopt && optopt < 256)
                return error_set(err, ERROR_INVALID, "no such option: '-%c'", (char) optopt);
        return error_set(err, ERROR_INVALID, "no such option: '%s'", argv[optind - 1]);
}

/* "N|N%" among them stand for values of that kind. */
static bool is_kind(const char *choice) {
        for (const char *c = choice; *c; c++)
                if (*c >= 'A' && *c <= 'Z')
                        return true;
        return false;
}

void arguments_choices(const CliOption *option, StringList *ret) {
        CLEANUP(string_list_clear) StringList all = { 0 };

        if (!option->argument || !strchr(option->argument, '|'))
                return;
        text_split(option->argument, '|', &all);
        for (size_t i = 0; i < all.count; i++)
                if (!is_kind(all.items[i]))
                        string_list_add(ret, all.items[i]);
}

/* As the original's client reads them; NULL for anything else. */
static const char *truth_of(const char *value) {
        static const char *const yes[] = { "true", "t", "1", "yes", "y", "on", NULL };
        static const char *const no[] = { "false", "f", "0", "no", "n", "off", NULL };

        for (size_t i = 0; yes[i]; i++)
                if (strcasecmp(value, yes[i]) == 0)
                        return "True";
        for (size_t i = 0; no[i]; i++)
                if (strcasecmp(value, no[i]) == 0)
                        return "False";
        return NULL;
}

static bool check_choice(const CliOption *option, const char *value, Error **err) {
        CLEANUP(string_list_clear) StringList choices = { 0 };
        CLEANUP(text_clear) Text known = { 0 };

        arguments_choices(option, &choices);
        if (choices.count == 0 || is_kind(option->argument) || string_list_contains(&choices, value))
                return true;
        for (size_t i = 0; i < choices.count; i++)
                text_appendf(&known, "%s%s", i ? ", " : "", choices.items[i]);
        return error_set(
                err, ERROR_INVALID, "invalid value for '--%s': invalid choice: %s. (choose from %s)",
                option->name, value, known.data);
}

static bool check_value(const CliOption *option, const char *value, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        uint64_t number;

        if (!option->argument)
                return true;
        if (strcmp(option->argument, "N") == 0 && !text_parse_uint(value, 1, INT32_MAX, &number, &why))
                return error_set(
                        err, ERROR_INVALID, "invalid value for '--%s': %s is not a valid number",
                        option->name, value);
        if (strcmp(option->argument, "BOOL") == 0 && !truth_of(value))
                return error_set(
                        err, ERROR_INVALID, "invalid value for '--%s': %s is not a valid boolean",
                        option->name, value);
        return check_choice(option, value, err);
}

bool arguments_parse(const CliOption *options, int argc, char **argv, Arguments *ret, Error **err) {
        struct option longs[CLI_OPTION_MAX + 1] = { 0 };
        CLEANUP(text_clear) Text letters = { 0 };
        size_t count = option_count(options);
        int value;

        ret->options = options;
        fill_getopt(options, count, longs, &letters);
        optind = 0;
        opterr = 0;
        while ((value = getopt_long(argc, argv, letters.data, longs, NULL)) != -1) { /* NOLINT: one thread */
                size_t index = option_index(options, count, value);

                if (value == '?' || value == ':' || index == count)
                        return wrong_option(value, argv, err);
                if (optarg && !check_value(&options[index], optarg, err))
                        return false;
                string_list_add(&ret->values[index], optarg ? optarg : "");
        }
        while (optind < argc)
                string_list_add(&ret->words, argv[optind++]);
        return true;
}

void arguments_clear(Arguments *arguments) {
        string_list_clear(&arguments->words);
        for (size_t i = 0; i < CLI_OPTION_MAX; i++)
                string_list_clear(&arguments->values[i]);
}

const StringList *arguments_values(const Arguments *arguments, const char *name) {
        static const StringList none = { 0 };

        for (size_t i = 0; arguments->options && arguments->options[i].name; i++)
                if (strcmp(arguments->options[i].name, name) == 0)
                        return &arguments->values[i];
        return &none;
}

const char *arguments_value(const Arguments *arguments, const char *name) {
        const StringList *values = arguments_values(arguments, name);

        return values->count ? values->items[values->count - 1] : NULL;
}

bool arguments_given(const Arguments *arguments, const char *name) {
        return arguments_values(arguments, name)->count > 0;
}

static bool at_most(const Arguments *arguments, size_t count, Error **err) {
        if (arguments->words.count > count)
                return error_set(err, ERROR_INVALID, "too many words: '%s'", arguments->words.items[count]);
        return true;
}

const char *arguments_truth(const Arguments *arguments, const char *name, const char *fallback) {
        const char *value = arguments_value(arguments, name);

        return value ? truth_of(value) : fallback;
}

bool arguments_check_words(const Arguments *arguments, const char *usage, Error **err) {
        CLEANUP(string_list_clear) StringList wanted = { 0 };
        size_t needed = 0, given = arguments->words.count;

        if (*usage)
                text_split(usage, ' ', &wanted);
        for (size_t i = 0; i < wanted.count; i++)
                needed += wanted.items[i][0] != '[';
        if (given >= needed)
                return at_most(arguments, wanted.count, err);
        for (size_t i = 0; i < wanted.count; i++) {
                if (wanted.items[i][0] == '[')
                        continue;
                if (given-- == 0)
                        return error_set(err, ERROR_INVALID, "missing argument '%s'", wanted.items[i]);
        }
        return true;
}
