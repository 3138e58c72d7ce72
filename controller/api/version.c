/* /version: which Ghost this is. */
#include <stdlib.h>
#include <string.h>

#include "api/envelope.h"
#include "api/resources.h"
#include "api/revision.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "base/text.h"

/* "HEAD -> main, origin/main", "HEAD, tag: v1": the branch or tag. */
static char *name_of(const char *references) {
        static const char *const prefixes[] = { "HEAD -> ", "HEAD, ", "tag: " };

        for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
                if (text_starts_with(references, prefixes[i]))
                        references += strlen(prefixes[i]);
        return xstrndup(references, strcspn(references, ","));
}

/* GHOST_REVISION as the build wrote it: short hash, commit date, references, with '|' between. */
static bool show(const Request *request, Response *response, Services *services, Error **err) {
        static const char *const names[] = { "current_revision", "current_revision_date",
                                             "current_revision_name" };
        CLEANUP(string_list_clear) StringList parts = { 0 };
        Document *version = document_object();

        (void) request, (void) services, (void) err;
        text_split(GHOST_REVISION, '|', &parts);
        if (parts.count == 3) {
                char *name = name_of(parts.items[2]);
                free(parts.items[2]);
                parts.items[2] = name;
        }
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                document_set_string(
                        version, names[i], i < parts.count && parts.items[i][0] ? parts.items[i] : "unknown");
        document_set_string(version, "version", GHOST_VERSION);
        envelope_plain(response, version);
        return true;
}

static const SchemaField fields[] = {
        { "current_revision", SCHEMA_STRING },
        { "current_revision_date", SCHEMA_STRING },
        { "current_revision_name", SCHEMA_STRING },
        { "version", SCHEMA_STRING },
};
static const Schema version_schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/version", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "show_version",
                             .summary = "Tells which Ghost this is",
                             .kind = ANSWER_DOCUMENT,
                             .answer = &version_schema } },
};

const Resource version_resource = RESOURCE("version", routes);
