/* /apps/<id>/group_token: the join token that the instances of an application's Auto Scaling group share. It
 * is never shown; it can be changed. */
#include "store/group_token.h"
#include "api/audit.h"
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/transaction.h"

static bool change_inside(const Request *request, Response *response, Services *services, Error **err) {
        const char *app_id = request_param(request, "id");
        CLEANUP(document_free) Document *app = NULL;

        if (!collection_get(services->store, COLLECTION_APPS, app_id, &app, err) ||
            !group_token_change(services->store, app_id, err) ||
            !audit_note(
                    services, request, &(AuditNote){ .action = "app rotate-token", .object = app_id }, err))
                return false;

        Document *answer = document_object();
        const char *group = document_get_string(app, "autoscale.name");
        document_set_string(answer, "_id", app_id);
        document_set_string(answer, "_status", "OK");
        document_set_string(answer, "group", group);
        document_set_string(
                answer, "next",
                *group ? "Run updateautoscaling now: it writes the new token into the launch template. Until "
                         "then what the group launches cannot join. Running instances are not touched."
                       : "The application has no Auto Scaling group: updateautoscaling will write the new "
                         "token. Running instances are not touched.");
        envelope_plain(response, answer);
        return true;
}

static bool change(const Request *request, Response *response, Services *services, Error **err) {
        return transaction_run(request, response, services, change_inside, err);
}

static const SchemaField fields[] = {
        { "_id", SCHEMA_ID, SCHEMA_REQUIRED },
        { "_status", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "group", SCHEMA_STRING },
        { "next", SCHEMA_STRING },
};
static const Schema schema = SCHEMA(fields);

static const Route routes[] = {
        { "POST", "/apps/{id}/group_token", RIGHT_ADMIN, change, 0,
          &(const RouteDoc){
                  .operation = "change_group_token",
                  .summary = "Changes the join token that instances of the application's group share",
                  .description = "The former one opens nothing any more: what the group launches cannot join "
                                 "until updateautoscaling has written the new one into the launch template. "
                                 "Instances that have joined are not touched. The token itself is not shown.",
                  .kind = ANSWER_DOCUMENT,
                  .answer = &schema } },
};

const Resource group_token_resource = RESOURCE("group_token", routes);
