/* Pairs: named values in the order they came: headers, query parameters, path parameters. */
#pragma once

#include <stddef.h>

typedef struct Pair {
        char *name;
        char *value;
} Pair;

/* { 0 } is empty. */
typedef struct Pairs {
        Pair *items;
        size_t count;
} Pairs;

/* Both strings are taken. */
void pairs_take(Pairs *pairs, char *name, char *value);
/* The first of that name, or NULL. */
const char *pairs_find(const Pairs *pairs, const char *name);
const char *pairs_find_any_case(const Pairs *pairs, const char *name);
void pairs_clear(Pairs *pairs);
