#include "arguments.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

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

bool arguments_word(
        const Arguments *arguments, size_t index, const char *what, const char **ret, Error **err) {
        if (index >= arguments->words.count)
                return error_set(err, ERROR_INVALID, "%s is missing", what);
        *ret = arguments->words.items[index];
        return true;
}

bool arguments_at_most(const Arguments *arguments, size_t count, Error **err) {
        if (arguments->words.count > count)
                return error_set(err, ERROR_INVALID, "too many words: '%s'", arguments->words.items[count]);
        return true;
}

bool arguments_check_words(const Arguments *arguments, const char *usage, Error **err) {
        CLEANUP(string_list_clear) StringList wanted = { 0 };

        if (*usage)
                text_split(usage, ' ', &wanted);
        if (arguments->words.count < wanted.count)
                return error_set(err, ERROR_INVALID, "%s is missing", wanted.items[arguments->words.count]);
        return arguments_at_most(arguments, wanted.count, err);
}
