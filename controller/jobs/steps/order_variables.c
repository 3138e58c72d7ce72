#include "jobs/steps/order_variables.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

OrderVariables order_variables_from(const StringList *environment) {
        OrderVariables variables = { .count = environment->count };

        variables.items = xcalloc(environment->count + 1, sizeof(*variables.items));
        variables.pointers = xcalloc(environment->count + 1, sizeof(Ghost__Variable *));
        for (size_t i = 0; i < environment->count; i++) {
                char *entry = environment->items[i];
                size_t length = strcspn(entry, "=");

                string_list_take(&variables.names, xstrndup(entry, length));
                ghost__variable__init(&variables.items[i]);
                variables.items[i].name = variables.names.items[i];
                variables.items[i].value = entry[length] ? entry + length + 1 : entry + length;
                variables.pointers[i] = &variables.items[i];
        }
        return variables;
}

void order_variables_clear(OrderVariables *variables) {
        free(variables->items);
        free(variables->pointers);
        string_list_clear(&variables->names);
        *variables = (OrderVariables){ 0 };
}
