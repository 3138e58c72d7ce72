#include "http/cookie.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

char *cookie_find(const char *header, const char *name) {
        size_t name_length = strlen(name), length;

        for (const char *pair = header ? header : ""; *pair; pair += length) {
                pair += strspn(pair, "; \t");
                length = strcspn(pair, ";");
                if (strncmp(pair, name, name_length) != 0 || pair[name_length] != '=')
                        continue;
                const char *value = pair + name_length + 1;
                size_t value_length = strcspn(value, "; \t");
                bool quoted = value_length > 1 && value[0] == '"' && value[value_length - 1] == '"';

                return quoted ? xstrndup(value + 1, value_length - 2) : xstrndup(value, value_length);
        }
        return NULL;
}
