/* Lists of EC2's describe answers as arrays of structs, told by a table of columns; for the ec2_*.c files. */
#pragma once

#include "aws/ec2_form.h"

typedef enum Ec2ColumnType {
        EC2_COLUMN_TEXT,  /* char *: never NULL */
        EC2_COLUMN_INT,   /* int64_t */
        EC2_COLUMN_BOOL,  /* bool */
        EC2_COLUMN_TEXTS, /* StringList: the text of each <item> of the element */
        EC2_COLUMN_TAGS,  /* Ec2Tags: of the row's tagSet */
} Ec2ColumnType;

typedef struct Ec2Column {
        const char *path; /* of the element below the row's */
        size_t offset;    /* of the member */
        Ec2ColumnType type;
} Ec2Column;

typedef struct Ec2Table {
        const char *set; /* the element that holds the <item>s */
        bool sized;      /* see Ec2Pages */
        size_t row_size;
        const Ec2Column *columns; /* the first is what tells one row from another */
        size_t column_count;
} Ec2Table;

typedef struct Ec2Rows {
        void *items;
        size_t count;
} Ec2Rows;

/* Follows all pages. */
bool ec2_rows_read(
        AwsSession *session, const char *action, const Ec2Table *table, const AwsForm *form, Ec2Rows *ret,
        Error **err);
void ec2_rows_clear(const Ec2Table *table, void *items, size_t count);
