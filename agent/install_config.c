#include "install_config.h"

#include <string.h>

#include "base/memory.h"
#include "settings.h"

typedef enum LineKind { LINE_OTHER, LINE_COMMENTED, LINE_ACTIVE } LineKind;

/* Whether a line sets this key, or shows it behind a comment sign as the default file does. */
static LineKind kind_of(const char *line, const char *key) {
        bool commented = *line == '#';
        size_t length = strlen(key);

        line += commented;
        if (!commented)
                line += strspn(line, " \t");
        if (strncmp(line, key, length) != 0)
                return LINE_OTHER;
        line += length;
        line += strspn(line, " \t");
        if (*line != '=')
                return LINE_OTHER;
        return commented ? LINE_COMMENTED : LINE_ACTIVE;
}

/* The place of the key; count when it has none. */
static size_t find_place(const StringList *lines, const char *key) {
        size_t place = lines->count;

        for (size_t i = 0; i < lines->count; i++) {
                LineKind kind = kind_of(lines->items[i], key);
                if (kind == LINE_ACTIVE)
                        return i;
                if (kind == LINE_COMMENTED && place == lines->count)
                        place = i;
        }
        return place;
}

static void set_line(StringList *lines, const char *setting) {
        const char *equals = strchr(setting, '=');
        CLEANUP(free) char *key = xstrndup(setting, (size_t) (equals - setting));
        CLEANUP(string_list_clear) StringList result = { 0 };
        size_t place = find_place(lines, key);

        for (size_t i = 0; i < lines->count; i++) {
                if (i == place)
                        string_list_addf(&result, "%s = %s", key, equals + 1);
                else if (kind_of(lines->items[i], key) != LINE_ACTIVE)
                        string_list_add(&result, lines->items[i]);
        }
        if (place == lines->count)
                string_list_addf(&result, "%s = %s", key, equals + 1);
        string_list_clear(lines);
        *lines = result;
        result = (StringList){ 0 };
}

static char *join_lines(const StringList *lines) {
        Text text = { 0 };

        for (size_t i = 0; i < lines->count; i++)
                text_appendf(&text, "%s\n", lines->items[i]);
        return text_take(&text);
}

static bool check(const char *content, Error **err) {
        CLEANUP(agent_settings_clear) AgentSettings ignored = { 0 };

        settings_defaults(&agent_settings_table, &ignored);
        return settings_parse(&agent_settings_table, &ignored, "agent.conf", content, err);
}

bool install_config_merge(const char *present, const StringList *settings, char **ret, Error **err) {
        CLEANUP(free) char *fresh = present ? NULL : settings_print(&agent_settings_table);
        CLEANUP(string_list_clear) StringList lines = { 0 };
        const char *base = present ? present : fresh;

        text_split(base, '\n', &lines);
        /* What follows the last line break is no line. */
        if (lines.count > 0 && !*lines.items[lines.count - 1]) {
                free(lines.items[--lines.count]);
                lines.items[lines.count] = NULL;
        }
        for (size_t i = 0; i < settings->count; i++)
                set_line(&lines, settings->items[i]);
        CLEANUP(free) char *merged = settings->count > 0 || !present ? join_lines(&lines) : xstrdup(present);
        if (!check(merged, err))
                return false;
        *ret = TAKE(merged);
        return true;
}
