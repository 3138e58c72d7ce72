#include "http/pairs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

void pairs_take(Pairs *pairs, char *name, char *value) {
        pairs->items = xrealloc(pairs->items, (pairs->count + 1) * sizeof(Pair));
        pairs->items[pairs->count++] = (Pair){ .name = name, .value = value };
}

const char *pairs_find(const Pairs *pairs, const char *name) {
        for (size_t i = 0; i < pairs->count; i++)
                if (strcmp(pairs->items[i].name, name) == 0)
                        return pairs->items[i].value;
        return NULL;
}

const char *pairs_find_any_case(const Pairs *pairs, const char *name) {
        for (size_t i = 0; i < pairs->count; i++)
                if (strcasecmp(pairs->items[i].name, name) == 0)
                        return pairs->items[i].value;
        return NULL;
}

void pairs_clear(Pairs *pairs) {
        for (size_t i = 0; i < pairs->count; i++) {
                free(pairs->items[i].name);
                free(pairs->items[i].value);
        }
        free(pairs->items);
        *pairs = (Pairs){ 0 };
}
