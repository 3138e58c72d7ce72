/* /me: who is asking, as far as the controller can tell. */
#include "api/account_source.h"
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "model/account.h"

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        Document *me = document_object();

        (void) services, (void) err;
        document_set_string(me, "name", request->account.name);
        document_set_string(me, "role", account_role(request->account.right));
        document_set_string(me, "via", request->account.via);
        if (request->account.csrf_token)
                document_set_string(me, "csrf_token", request->account.csrf_token);
        response_header(response, "Cache-Control", "no-store");
        envelope_plain(response, me);
        return true;
}

static const SchemaField fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "role", SCHEMA_STRING, SCHEMA_REQUIRED, .words = account_roles },
        { "via", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "csrf_token", SCHEMA_STRING },
};
static const Schema schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/me", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_me",
                             .summary = "Shows who is asking, and with what right",
                             .description = "A session gets the token it has to show beside its cookie "
                                            "(X-CSRF-Token) when it changes something.",
                             .kind = ANSWER_DOCUMENT,
                             .answer = &schema } },
};

const Resource me_resource = RESOURCE("me", routes);
