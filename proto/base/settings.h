/* Settings: one table describes the keys of a program; from it come the parser, the checks, the defaults, the
 * commented default file and the help. The file holds "key = value" lines, '#' comments, no sections.
 *
 * Order of strength: default, file, environment (GHOST_<KEY>, upper case, '.' and '-' as '_'), command line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"

typedef enum SettingType {
        SETTING_STRING,   /* char *; "" becomes NULL */
        SETTING_BOOL,     /* bool: yes/no, true/false, on/off, 1/0 */
        SETTING_INT,      /* int64_t */
        SETTING_BYTES,    /* int64_t, with K, M, G */
        SETTING_DURATION, /* int64_t milliseconds, with ms, s, m, h, d; a bare number is seconds */
        SETTING_ENUM,     /* int, through names */
} SettingType;

typedef enum SettingFlags {
        SETTING_REQUIRED = 1 << 0,
        SETTING_IS_SECRET = 1 << 1, /* never printed */
} SettingFlags;

typedef struct Setting {
        const char *name; /* "job.timeout" */
        SettingType type;
        size_t offset;
        const char *fallback; /* as it would stand in the file; NULL: none */
        const char *help;     /* one sentence or two */
        unsigned flags;
        int64_t min, max; /* both 0: no bound */
        const Names *names;
} Setting;

typedef struct SettingsTable {
        const Setting *settings;
        size_t count;
} SettingsTable;
#define SETTINGS_TABLE(table)                                                                                \
        { .settings = (table), .count = sizeof(table) / sizeof((table)[0]) }

/* Fills value (zeroed by the caller) with the defaults. */
void settings_defaults(const SettingsTable *table, void *value);
/* Messages name source, line and key: "controller.conf:3: unknown setting 'prot'; did you mean 'port'?". */
bool settings_parse(
        const SettingsTable *table, void *value, const char *source, const char *content, Error **err);
bool settings_set(const SettingsTable *table, void *value, const char *name, const char *word, Error **err);
bool settings_from_environment(
        const SettingsTable *table, void *value, const char *const *environment, Error **err);
bool settings_check_required(const SettingsTable *table, const void *value, Error **err);
/* The commented default file. Caller frees. */
char *settings_print(const SettingsTable *table);
void settings_clear(const SettingsTable *table, void *value);
