/* Whatever a settings file holds, reading it neither crashes nor leaks; what it refuses it explains. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/settings.h"

typedef struct Values {
        char *name;
        bool on;
        int64_t port, size, wait;
        int kind;
} Values;

static const char *const kind_words[] = { "one", "two" };
static const Names kinds = NAMES(kind_words);
static const Setting settings[] = {
        { "name", SETTING_STRING, offsetof(Values, name), "x", "A name.", SETTING_IS_SECRET },
        { "on", SETTING_BOOL, offsetof(Values, on), "yes", "A switch." },
        { "port", SETTING_INT, offsetof(Values, port), "1", "A number.", .min = 1, .max = 65535 },
        { "size", SETTING_BYTES, offsetof(Values, size), "1K", "A size." },
        { "wait", SETTING_DURATION, offsetof(Values, wait), "1s", "A duration." },
        { "kind", SETTING_ENUM, offsetof(Values, kind), "one", "A word.", .names = &kinds },
};
static const SettingsTable table = SETTINGS_TABLE(settings);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *content = xmemdup(data, size);
        Values values = { 0 };

        settings_defaults(&table, &values);
        if (settings_parse(&table, &values, "fuzz", content, &error))
                assert(values.port >= 1 && values.port <= 65535 && values.kind >= 0 && values.kind <= 1);
        else
                assert(error && error_kind(error) == ERROR_INVALID);
        settings_clear(&table, &values);
        return 0;
}
