#include "table.h"

#include <string.h>

#include "base/memory.h"

enum { COLUMN_GAP = 2, HEADER_ROOM = 2 };

void table_init(Table *table, const char *headers) {
        text_split(headers, '|', &table->headers);
}

/* Control characters would let a commit subject or a name draw on the terminal. */
char *table_plain(const char *value) {
        char *copy = xstrdup(value ? value : "");

        for (unsigned char *c = (unsigned char *) copy; *c; c++) {
                if (*c < ' ' || *c == 0x7f)
                        *c = ' ';
                else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* U+0080 to U+009F: "CSI" and the like */
                        c[0] = c[1] = ' ';
        }
        return copy;
}

void table_cell(Table *table, const char *value) {
        string_list_take(&table->cells, table_plain(value));
}

static size_t width_of(const char *string) {
        size_t width = 0;

        for (; *string; string++)
                width += ((unsigned char) *string & 0xc0) != 0x80;
        return width;
}

/* No blanks at the end of a line. */
static void print_row(char *const *cells, const size_t *widths, size_t columns, FILE *out) {
        size_t pending = 0;

        for (size_t i = 0; i < columns; i++) {
                if (*cells[i])
                        (void) fprintf(out, "%*s%s", (int) pending, "", cells[i]);
                pending = (*cells[i] ? 0 : pending) + widths[i] - width_of(cells[i]) + COLUMN_GAP;
        }
        (void) fputc('\n', out);
}

static void print_dashes(const size_t *widths, size_t columns, FILE *out) {
        for (size_t i = 0; i < columns; i++) {
                (void) fprintf(out, "%*s", i ? COLUMN_GAP : 0, "");
                for (size_t dash = 0; dash < widths[i]; dash++)
                        (void) fputc('-', out);
        }
        (void) fputc('\n', out);
}

void table_print(const Table *table, bool colour, FILE *out) {
        size_t columns = table->headers.count;
        CLEANUP(free) size_t *widths = xcalloc(columns, sizeof(*widths));

        for (size_t i = 0; i < columns; i++)
                widths[i] = width_of(table->headers.items[i]) + HEADER_ROOM;
        for (size_t i = 0; columns > 0 && i < table->cells.count; i++)
                if (width_of(table->cells.items[i]) > widths[i % columns])
                        widths[i % columns] = width_of(table->cells.items[i]);

        (void) fputs(colour ? "\033[1m" : "", out);
        print_row(table->headers.items, widths, columns, out);
        (void) fputs(colour ? "\033[0m" : "", out);
        print_dashes(widths, columns, out);
        for (size_t i = 0; i + columns <= table->cells.count; i += columns)
                print_row(table->cells.items + i, widths, columns, out);
}

void table_clear(Table *table) {
        string_list_clear(&table->headers);
        string_list_clear(&table->cells);
}
