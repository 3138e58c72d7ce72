/* /commands: what jobs can do, in general or for one application: bare lists of pairs. */
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "model/command.h"
#include "store/collection.h"

static Document *fields_of(const CommandInfo *info) {
        Document *fields = document_array();

        for (size_t i = 0; i < COMMAND_FIELDS_MAX && info->fields[i]; i++)
                document_append(fields, document_string(info->fields[i]));
        return fields;
}

static bool answer(const Request *request, Response *response, Services *services, bool fields, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        const char *id = request_param(request, "app_id");
        Document *pairs = document_array();

        if (id && !collection_get(services->store, COLLECTION_APPS, id, &app, err)) {
                document_free(pairs);
                return false;
        }
        for (const CommandInfo *info = command_infos; info->name; info++) {
                if (!command_info_available(info, app, &services->commands))
                        continue;
                Document *pair = document_array();
                document_append(pair, document_string(info->name));
                document_append(pair, fields ? fields_of(info) : document_string(info->summary));
                document_append(pairs, pair);
        }
        envelope_plain(response, pairs);
        return true;
}

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return answer(request, response, services, false, err);
}

static bool list_fields(const Request *request, Response *response, Services *services, Error **err) {
        return answer(request, response, services, true, err);
}

static const Route routes[] = {
        { "GET", "/commands", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_commands",
                             .summary = "Lists what jobs can do: pairs of name and description",
                             .kind = ANSWER_LIST } },
        { "GET", "/commands/fields", RIGHT_READ, list_fields, 0,
          &(const RouteDoc){ .operation = "list_command_fields",
                             .summary = "Lists which pending changes each command carries out",
                             .kind = ANSWER_LIST } },
        { "GET", "/commands/fields/{app_id}", RIGHT_READ, list_fields, 0,
          &(const RouteDoc){ .operation = "list_app_command_fields",
                             .summary = "The same for the commands that an application can have",
                             .kind = ANSWER_LIST } },
        { "GET", "/commands/{app_id}", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_app_commands",
                             .summary = "Lists what jobs can do with an application as it is",
                             .kind = ANSWER_LIST } },
};

const Resource commands_resource = RESOURCE("commands", routes);
