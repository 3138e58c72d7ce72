/* A table for a terminal, as Casper prints them: columns as wide as their widest cell (counted in characters,
 * not bytes) and two more than their header, a line of dashes under the headers, which are bold on a terminal
 * only. */
#pragma once

#include <stdio.h>

#include "base/text.h"

typedef struct Table {
        StringList headers;
        StringList cells; /* row by row */
} Table;

/* headers: separated by '|'. */
void table_init(Table *table, const char *headers);
void table_cell(Table *table, const char *value); /* NULL prints as nothing */
/* Without characters that would draw on the terminal: what cells are put through. NULL: "". Caller frees. */
char *table_plain(const char *value);
void table_print(const Table *table, bool colour, FILE *out);
void table_clear(Table *table);
static inline void table_clearp(Table *table) {
        table_clear(table);
}
