/* /socket.io: logs of jobs for clients that follow them by Socket.IO: the original's pages and command line.
 * There is no login here: what opens a log is the token of /jobs/<id>/websocket_token. */
#include "api/socket_io.h"

#include <string.h>

#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/text.h"
#include "socketio/engine_payload.h"
#include "json/document.h"

enum { POST_MAX_BYTES = 100 * 1024 };

/* Errors as Engine.IO's own server tells them. */
typedef enum EngineFault {
        TRANSPORT_UNKNOWN = 0,
        SESSION_UNKNOWN = 1,
        BAD_REQUEST = 3,
        BAD_PROTOCOL = 5
} EngineFault;

static void refuse(Response *response, EngineFault fault, const char *sentence) {
        CLEANUP(document_free) Document *answer = document_object();

        document_set_int(answer, "code", fault);
        document_set_string(answer, "message", sentence);
        response_json(response, 400, document_text(answer));
}

typedef enum Transport { POLLING, WEBSOCKET, NO_TRANSPORT } Transport;

/* Without a word on it: polling, as a first look at whether somebody is there. */
static Transport find_transport(const Request *request, Response *response) {
        const char *version = request_query(request, "EIO"), *word = request_query(request, "transport");
        Transport transport = text_empty(word) || strcmp(word, "polling") == 0 ? POLLING
                              : strcmp(word, "websocket") == 0                 ? WEBSOCKET
                                                                               : NO_TRANSPORT;

        response_header(response, "Access-Control-Allow-Origin", "*");
        if (version && strcmp(version, "3") != 0) {
                refuse(response, BAD_PROTOCOL, "Unsupported protocol version");
                return NO_TRANSPORT;
        }
        if (request_query(request, "j")) {
                refuse(response, BAD_REQUEST, "JSONP is not spoken");
                return NO_TRANSPORT;
        }
        if (transport == NO_TRANSPORT)
                refuse(response, TRANSPORT_UNKNOWN, "Transport unknown");
        return transport;
}

/* Held; NULL with *err, or the answer given. */
static EngineSession *find_session(
        const Request *request, Response *response, Services *services, Transport transport, Error **err) {
        const char *id = request_query(request, "sid");
        CLEANUP(error_free) Error *unknown = NULL;

        if (text_empty(id))
                return engine_session_open(services->engine_sessions, transport == WEBSOCKET, err);
        EngineSession *session = engine_session_find(services->engine_sessions, id, &unknown);
        if (!session)
                refuse(response, SESSION_UNKNOWN, error_message(unknown));
        else if (engine_session_upgraded(session)) {
                refuse(response, BAD_REQUEST, "The session has moved to a websocket");
                engine_session_release(session);
                return NULL;
        }
        return session;
}

static bool follow(const Request *request, Response *response, Services *services, Error **err) {
        Transport transport = find_transport(request, response);
        CLEANUP(error_free) Error *why = NULL;

        if (transport == NO_TRANSPORT ||
            (transport == WEBSOCKET && !socket_websocket_check(request, response)))
                return true;
        EngineSession *session = find_session(request, response, services, transport, &why);
        if (!session)
                return !why || error_set(err, error_kind(why), "%s", error_message(why));
        if (transport == WEBSOCKET)
                socket_websocket_answer(
                        request, response, session, !text_empty(request_query(request, "sid")));
        else
                socket_poll_answer(request, response, session);
        return true;
}

static bool take_all(EngineSession *session, const Request *request, Error **err) {
        CLEANUP(string_list_clear) StringList packets = { 0 };

        if (!engine_payload_read(request->body, request->body_length, &packets, err))
                return false;
        for (size_t i = 0; i < packets.count; i++)
                if (!engine_session_take(session, packets.items[i], err))
                        return false;
        return true;
}

static bool tell(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(error_free) Error *fault = NULL;

        (void) err;
        if (find_transport(request, response) != POLLING || text_empty(request_query(request, "sid"))) {
                if (response->status == 0)
                        refuse(response, SESSION_UNKNOWN, "Session ID unknown");
                return true;
        }
        EngineSession *session = find_session(request, response, services, POLLING, &fault);
        if (!session)
                return true;
        if (take_all(session, request, &fault))
                response_text(response, 200, "text/plain; charset=UTF-8", "OK");
        else {
                refuse(response, BAD_REQUEST, error_message(fault));
                engine_session_close(session);
        }
        engine_session_release(session);
        return true;
}

static const Route routes[] = {
        { "GET", "/socket.io", RIGHT_NONE, follow, 0,
          &(const RouteDoc){ .operation = "follow_by_socket_io",
                             .summary = "Follows a log by Socket.IO",
                             .kind = ANSWER_PAGE } },
        { "POST", "/socket.io", RIGHT_NONE, tell, ROUTE_ANY_BODY,
          &(const RouteDoc){ .operation = "speak_socket_io",
                             .summary = "Says which log is to be followed by Socket.IO",
                             .kind = ANSWER_PAGE },
          .max_body_bytes = POST_MAX_BYTES },
};

const Resource socket_io_resource = RESOURCE("socket_io", routes);
