#include "aws/ec2_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct Reading {
        const Ec2Table *table;
        Ec2Rows rows;
} Reading;

static void read_texts(const Xml *set, StringList *ret) {
        for (const Xml *item = xml_first(set, "item"); item; item = xml_next(item, "item"))
                string_list_take(ret, xml_text_copy(item, ""));
}

static void read_column(const Xml *item, const Ec2Column *column, char *row) {
        void *member = row + column->offset;

        switch (column->type) {
        case EC2_COLUMN_TEXT:
                *(char **) member = xml_text_copy(item, column->path);
                return;
        case EC2_COLUMN_INT:
                *(int64_t *) member = xml_int(item, column->path);
                return;
        case EC2_COLUMN_BOOL:
                *(bool *) member = xml_bool(item, column->path);
                return;
        case EC2_COLUMN_TEXTS:
                read_texts(xml_find(item, column->path), member);
                return;
        case EC2_COLUMN_TAGS:
                ec2_read_tags(item, member);
                return;
        }
}

static void add_row(void *context, const Xml *item) {
        Reading *reading = context;
        const Ec2Table *table = reading->table;
        Ec2Rows *rows = &reading->rows;
        CLEANUP(free) char *row = xcalloc(1, table->row_size);

        for (size_t i = 0; i < table->column_count; i++)
                read_column(item, &table->columns[i], row);
        rows->items = xrealloc(rows->items, (rows->count + 1) * table->row_size);
        memcpy((char *) rows->items + rows->count++ * table->row_size, row, table->row_size);
}

bool ec2_rows_read(
        AwsSession *session, const char *action, const Ec2Table *table, const AwsForm *form, Ec2Rows *ret,
        Error **err) {
        Reading reading = { .table = table };
        CLEANUP(free) char *items = xasprintf("%s/item", table->set);
        const Ec2Pages pages = { action, form, table->sized, items, table->columns->path, add_row, &reading };

        if (!ec2_read_pages(session, &pages, err)) {
                ec2_rows_clear(table, reading.rows.items, reading.rows.count);
                return false;
        }
        *ret = reading.rows;
        return true;
}

static void clear_column(const Ec2Column *column, char *row) {
        void *member = row + column->offset;

        if (column->type == EC2_COLUMN_TEXT)
                free(*(char **) member);
        else if (column->type == EC2_COLUMN_TEXTS)
                string_list_clear(member);
        else if (column->type == EC2_COLUMN_TAGS)
                ec2_tags_clear(member);
}

void ec2_rows_clear(const Ec2Table *table, void *items, size_t count) {
        for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < table->column_count; j++)
                        clear_column(&table->columns[j], (char *) items + i * table->row_size);
        free(items);
}
