#include "completion.h"

#include <string.h>

#include "base/memory.h"

enum { NAMES_MAX = 100, TIMEOUT_MS = 2000 };

static const struct {
        const char *word;
        const char *path;
        const char *field; /* NULL: name/env/role */
} sources[] = {
        { "APP", "/apps?sort=-_updated", NULL },
        { "JOB", "/jobs?sort=-_updated", "_id" },
        { "DEPLOYMENT", "/deployments?sort=-timestamp", "_id" },
        { "WEBHOOK", "/webhooks?sort=-_updated", "_id" },
        { "INSTANCE", "/instances?sort=-_updated", "instance_id" },
};

static size_t find_source(const char *word) {
        size_t count = sizeof(sources) / sizeof(sources[0]);

        for (size_t i = 0; i < count; i++)
                if (strcmp(sources[i].word, word) == 0)
                        return i;
        return count;
}

bool completion_knows(const char *word) {
        return find_source(word) < sizeof(sources) / sizeof(sources[0]);
}

bool completion_is_file(const char *argument) {
        return argument && strstr(argument, "FILE");
}

bool completion_print_names(Client *client, const char *word, Error **err) {
        CLEANUP(document_free) Document *found = NULL;

        if (!completion_knows(word))
                return true;

        size_t source = find_source(word);
        CLEANUP(free) char *path = xasprintf("%s&max_results=%d", sources[source].path, NAMES_MAX);
        client_set_timeout(client, TIMEOUT_MS);
        if (!client_get(client, path, &found, err))
                return false;

        const Document *items = document_get(found, "_items");
        for (size_t i = 0; i < document_count(items); i++) {
                const Document *item = document_at(items, i);

                if (sources[source].field)
                        (void) printf("%s\n", document_get_string(item, sources[source].field));
                else
                        (void) printf(
                                "%s/%s/%s\n", document_get_string(item, "name"),
                                document_get_string(item, "env"), document_get_string(item, "role"));
        }
        return true;
}

void completion_quote(const char *text, const char *escape, FILE *out) {
        (void) fputc('\'', out);
        for (; *text; text++) {
                if (*text == '\'') {
                        (void) fputs("'\\''", out);
                        continue;
                }
                if (strchr(escape, *text))
                        (void) fputc('\\', out);
                (void) fputc(*text, out);
        }
        (void) fputc('\'', out);
}
