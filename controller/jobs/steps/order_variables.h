/* NAME=value lists as orders carry them. */
#pragma once

#include "base/text.h"
#include "wire/ghost.pb-c.h"

typedef struct OrderVariables {
        Ghost__Variable *items;
        Ghost__Variable **pointers;
        StringList names;
        size_t count;
} OrderVariables;

/* Values are borrowed from the list. */
OrderVariables order_variables_from(const StringList *environment);
void order_variables_clear(OrderVariables *variables);
static inline void order_variables_clearp(OrderVariables *variables) {
        order_variables_clear(variables);
}
