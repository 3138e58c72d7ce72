#include "jobs/provisioners/script.h"

#include <stdlib.h>

#include "base/memory.h"

ProvisionScript *provision_scripts_add(
        ProvisionScripts *scripts, const char *name, char *content, size_t length,
        const StringList *environment) {
        scripts->items = xrealloc(scripts->items, (scripts->count + 1) * sizeof(*scripts->items));
        ProvisionScript *script = &scripts->items[scripts->count++];

        *script = (ProvisionScript){ .task = xasprintf("provision-%zu-%s", scripts->count, name),
                                     .name = xstrdup(name),
                                     .content = content,
                                     .length = length };
        for (size_t i = 0; environment && i < environment->count; i++)
                string_list_add(&script->environment, environment->items[i]);
        return script;
}

void provision_scripts_clear(ProvisionScripts *scripts) {
        for (size_t i = 0; i < scripts->count; i++) {
                ProvisionScript *script = &scripts->items[i];

                free(script->task);
                free(script->name);
                free(script->content);
                string_list_clear(&script->environment);
        }
        free(scripts->items);
        *scripts = (ProvisionScripts){ 0 };
}
