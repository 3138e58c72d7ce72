#include "base/settings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

enum { NAME_MAX_BYTES = 64, HELP_COLUMNS = 90 };

static void *field_of(const Setting *setting, void *value) {
        return (char *) value + setting->offset;
}

static const Setting *find(const SettingsTable *table, const char *name) {
        for (size_t i = 0; i < table->count; i++)
                if (strcmp(table->settings[i].name, name) == 0)
                        return &table->settings[i];
        return NULL;
}

/* Levenshtein's distance, with one row of memory. */
static size_t distance(const char *a, const char *b) {
        size_t row[NAME_MAX_BYTES + 1], length = strlen(b);

        for (size_t i = 0; i <= length; i++)
                row[i] = i;
        for (size_t line = 1; *a; a++, line++) {
                size_t diagonal = row[0];

                row[0] = line;
                for (size_t i = 1; i <= length; i++) {
                        size_t best = diagonal + (*a != b[i - 1]);

                        diagonal = row[i];
                        if (row[i] + 1 < best)
                                best = row[i] + 1;
                        if (row[i - 1] + 1 < best)
                                best = row[i - 1] + 1;
                        row[i] = best;
                }
        }
        return row[length];
}

static bool unknown(const SettingsTable *table, const char *name, Error **err) {
        const char *closest = NULL;
        size_t least = 3;

        for (size_t i = 0; i < table->count && strlen(name) <= NAME_MAX_BYTES; i++) {
                const char *candidate = table->settings[i].name;
                size_t far = strlen(candidate) <= NAME_MAX_BYTES ? distance(name, candidate) : least;

                if (far < least) {
                        least = far;
                        closest = candidate;
                }
        }
        if (closest)
                return error_set(
                        err, ERROR_INVALID, "unknown setting '%.64s'; did you mean '%s'?", name, closest);
        return error_set(err, ERROR_INVALID, "unknown setting '%.64s'", name);
}

static bool parse_bool(const char *word, bool *ret) {
        static const char *const yes[] = { "yes", "true", "on", "1" };
        static const char *const no[] = { "no", "false", "off", "0" };

        for (size_t i = 0; i < 4; i++)
                if (strcmp(word, yes[i]) == 0 || strcmp(word, no[i]) == 0) {
                        *ret = strcmp(word, yes[i]) == 0;
                        return true;
                }
        return false;
}

/* Digits with an optional minus; *ret_rest is what stands behind them. */
static bool parse_number(const char *word, int64_t *ret, const char **ret_rest) {
        bool negative = *word == '-';
        int64_t number = 0;

        word += negative;
        if (*word < '0' || *word > '9')
                return false;
        for (; *word >= '0' && *word <= '9'; word++) {
                int64_t digit = *word - '0';

                if (number > (INT64_MAX - digit) / 10)
                        return false;
                number = number * 10 + digit;
        }
        *ret = negative ? -number : number;
        *ret_rest = word;
        return true;
}

typedef struct Unit {
        const char *word;
        int64_t factor;
} Unit;

static const Unit plain_units[] = { { "", 1 }, { NULL, 0 } };
static const Unit byte_units[] = {
        { "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 }
};
static const Unit duration_units[] = {
        { "", 1000 },         { "ms", 1 },       { "s", 1000 }, { "m", 60 * 1000 },
        { "h", 3600 * 1000 }, { "d", 86400000 }, { NULL, 0 },
};

static bool parse_scaled(const char *word, const Unit *units, int64_t *ret) {
        const char *rest;
        int64_t number;

        if (!parse_number(word, &number, &rest))
                return false;
        for (; units->word; units++)
                if (strcmp(units->word, rest) == 0)
                        return !__builtin_mul_overflow(number, units->factor, ret);
        return false;
}

static const char *expectation(SettingType type) {
        switch (type) {
        case SETTING_BOOL:
                return "yes or no";
        case SETTING_INT:
                return "a whole number";
        case SETTING_BYTES:
                return "a size such as 4096, 64K, 10M or 2G";
        case SETTING_DURATION:
                return "a duration such as 500ms, 30s, 5m, 2h or 1d";
        case SETTING_STRING:
        case SETTING_ENUM:
                break;
        }
        return "a word";
}

static bool refuse(const Setting *setting, const char *word, Error **err) {
        if (setting->flags & SETTING_IS_SECRET)
                return error_set(err, ERROR_INVALID, "%s: not %s", setting->name, expectation(setting->type));
        return error_set(
                err, ERROR_INVALID, "%s: '%.80s' is not %s", setting->name, word, expectation(setting->type));
}

static bool assign_number(const Setting *setting, int64_t *field, const char *word, Error **err) {
        const Unit *units = setting->type == SETTING_BYTES      ? byte_units
                            : setting->type == SETTING_DURATION ? duration_units
                                                                : plain_units;
        int64_t number;

        if (!parse_scaled(word, units, &number))
                return refuse(setting, word, err);
        if ((setting->min || setting->max) && (number < setting->min || number > setting->max))
                return error_set(
                        err, ERROR_INVALID, "%s: '%.80s' is not between %" PRIi64 " and %" PRIi64 "%s",
                        setting->name, word, setting->min, setting->max,
                        setting->type == SETTING_DURATION ? " ms" : "");
        *field = number;
        return true;
}

static bool assign_enum(const Setting *setting, int *field, const char *word, Error **err) {
        CLEANUP(text_clear) Text choices = { 0 };

        if (names_value(setting->names, word, field))
                return true;
        for (int i = 0; i < setting->names->count; i++)
                text_appendf(&choices, "%s%s", i ? ", " : "", names_word(setting->names, i));
        return error_set(err, ERROR_INVALID, "%s: '%.80s' is none of %s", setting->name, word, choices.data);
}

static void free_string(const Setting *setting, char **field) {
        if (*field && setting->flags & SETTING_IS_SECRET)
                crypto_wipe(*field, strlen(*field));
        free(*field);
        *field = NULL;
}

static bool assign(const Setting *setting, void *value, const char *word, Error **err) {
        void *field = field_of(setting, value);

        switch (setting->type) {
        case SETTING_STRING:
                free_string(setting, field);
                *(char **) field = *word ? xstrdup(word) : NULL;
                return true;
        case SETTING_BOOL:
                return parse_bool(word, field) || refuse(setting, word, err);
        case SETTING_INT:
        case SETTING_BYTES:
        case SETTING_DURATION:
                return assign_number(setting, field, word, err);
        case SETTING_ENUM:
                return assign_enum(setting, field, word, err);
        }
        abort();
}

void settings_defaults(const SettingsTable *table, void *value) {
        for (size_t i = 0; i < table->count; i++) {
                CLEANUP(error_free) Error *error = NULL;
                const Setting *setting = &table->settings[i];

                if (setting->fallback && !assign(setting, value, setting->fallback, &error))
                        abort(); /* our own table is wrong; every program's tests see it */
        }
}

bool settings_set(const SettingsTable *table, void *value, const char *name, const char *word, Error **err) {
        const Setting *setting = find(table, name);

        return setting ? assign(setting, value, word, err) : unknown(table, name, err);
}

/* One "key = value" line; seen holds the keys that stood above it. */
static bool parse_line(
        const SettingsTable *table, void *value, const char *line, StringList *seen, Error **err) {
        CLEANUP(free) char *trimmed = text_trim(line);
        char *equals = strchr(trimmed, '=');

        if (!*trimmed || *trimmed == '#')
                return true;
        if (!equals)
                return error_set(err, ERROR_INVALID, "expected 'key = value'");
        *equals = '\0';

        CLEANUP(free) char *name = text_trim(trimmed);
        CLEANUP(free) char *word = text_trim(equals + 1);
        if (!settings_set(table, value, name, word, err))
                return false;
        if (string_list_contains(seen, name))
                return error_set(err, ERROR_INVALID, "'%s' is set a second time", name);
        string_list_add(seen, name);
        return true;
}

bool settings_parse(
        const SettingsTable *table, void *value, const char *source, const char *content, Error **err) {
        CLEANUP(string_list_clear) StringList seen = { 0 };

        for (unsigned number = 1; *content; number++) {
                size_t length = strcspn(content, "\n");
                CLEANUP(free) char *line = xstrndup(content, length);

                if (!parse_line(table, value, line, &seen, err))
                        return error_prefix(err, "%s:%u", source, number);
                content += length + (content[length] == '\n');
        }
        return true;
}

/* "job.timeout" → "GHOST_JOB_TIMEOUT". */
static char *variable_name(const char *name) {
        char *variable = xasprintf("GHOST_%s", name);

        for (char *at = variable; *at; at++) {
                if (*at >= 'a' && *at <= 'z')
                        *at = (char) (*at - 'a' + 'A');
                else if (*at == '.' || *at == '-')
                        *at = '_';
        }
        return variable;
}

bool settings_from_environment(
        const SettingsTable *table, void *value, const char *const *environment, Error **err) {
        for (size_t i = 0; i < table->count; i++) {
                CLEANUP(free) char *variable = variable_name(table->settings[i].name);
                size_t length = strlen(variable);

                for (const char *const *entry = environment; *entry; entry++) {
                        if (strncmp(*entry, variable, length) != 0 || (*entry)[length] != '=')
                                continue;
                        if (!assign(&table->settings[i], value, *entry + length + 1, err))
                                return error_prefix(err, "environment variable %s", variable);
                }
        }
        return true;
}

bool settings_check_required(const SettingsTable *table, const void *value, Error **err) {
        for (size_t i = 0; i < table->count; i++) {
                const Setting *setting = &table->settings[i];

                /* Numbers and switches always have a value; a string may be missing. */
                if (!(setting->flags & SETTING_REQUIRED) || setting->type != SETTING_STRING)
                        continue;
                if (!*(char *const *) ((const char *) value + setting->offset))
                        return error_set(err, ERROR_INVALID, "the setting '%s' is required", setting->name);
        }
        return true;
}

/* "# " in front of each line, broken at blanks. */
static void print_help(Text *text, const char *help) {
        while (*help) {
                size_t length = strlen(help);

                if (length > HELP_COLUMNS) {
                        length = HELP_COLUMNS;
                        while (length > 0 && help[length] != ' ')
                                length--;
                        if (length == 0)
                                length = strcspn(help, " ");
                }
                text_append(text, "# ");
                text_append_bytes(text, help, length);
                text_append(text, "\n");
                help += length + strspn(help + length, " ");
        }
}

static void print_choices(Text *text, const Setting *setting) {
        if (setting->type != SETTING_ENUM)
                return;
        text_append(text, "# One of:");
        for (int i = 0; i < setting->names->count; i++)
                text_appendf(text, " %s", names_word(setting->names, i));
        text_append(text, "\n");
}

char *settings_print(const SettingsTable *table) {
        Text text = { 0 };

        for (size_t i = 0; i < table->count; i++) {
                const Setting *setting = &table->settings[i];
                bool shown = setting->fallback && !(setting->flags & SETTING_IS_SECRET);

                if (i > 0)
                        text_append(&text, "\n");
                print_help(&text, setting->help);
                print_choices(&text, setting);
                if (setting->flags & SETTING_REQUIRED)
                        text_append(&text, "# Required.\n");
                text_appendf(
                        &text, "#%s =%s%s\n", setting->name, shown && *setting->fallback ? " " : "",
                        shown ? setting->fallback : "");
        }
        return text_take(&text);
}

void settings_clear(const SettingsTable *table, void *value) {
        for (size_t i = 0; i < table->count; i++)
                if (table->settings[i].type == SETTING_STRING)
                        free_string(&table->settings[i], field_of(&table->settings[i], value));
}
