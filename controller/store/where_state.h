/* A condition being compiled: shared by where.c and where_column.c, by nobody else. */
#pragma once

#include "store/where.h"

typedef struct WhereState {
        const WhereColumn *columns;
        Text *sql;
        WhereValues *values;
        int nots; /* around the present place */
} WhereState;

/* Takes the value; the SQL has a "?" for it. */
void where_bind(WhereState *state, Document *value);
