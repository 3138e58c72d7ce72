/* /sessions: logins of browsers, kept in a cookie that scripts cannot read. */
#include <string.h>

#include "api/account_source.h"
#include "api/audit.h"
#include "api/body.h"
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "http/cookie.h"
#include "model/account.h"
#include "store/session_store.h"

enum { SECRET_BYTES = 32, STATUS_TOO_MANY = 429 };

static void set_cookie(const Request *request, Response *response, const char *value, int max_age_s) {
        response_header(
                response, "Set-Cookie", "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s",
                SESSION_COOKIE, value, max_age_s, request->secure ? "; Secure" : "");
        response_header(response, "Cache-Control", "no-store");
}

/* True with an account without a name: the answer is given. */
static bool check(
        const Request *request, Response *response, Services *services, const Document *login, Account *ret,
        Error **err) {
        AuthAttempt attempt = { .peer = request->peer };
        CLEANUP(error_free) Error *why = NULL;

        if (auth_check_password(
                    services->auth, &attempt, document_get_string(login, "name"),
                    document_get_string(login, "password"), ret, &why))
                return true;
        if (attempt.retry_after_s > 0) {
                response_fail(response, STATUS_TOO_MANY, "%s", error_message(why));
                response_header(response, "Retry-After", "%u", attempt.retry_after_s);
        } else if (error_kind(why) == ERROR_FORBIDDEN) /* without the challenge: a page asked */
                response_fail(response, 401, "Wrong name or password");
        else
                return error_set(err, error_kind(why), "%s", error_message(why));
        return true;
}

/* As the one who is now known, not as who asked before. */
static bool open_session(
        const Request *request, Services *services, const Account *account, const char *secret,
        const char *csrf_token, Error **err) {
        CLEANUP(free) char *hash = account_secret_hash(secret);
        Request known = *request;

        known.account = *account;
        return session_store_insert(services->store, hash, account->name, csrf_token, err) &&
               audit_note(
                       services, &known, &(AuditNote){ .action = "session create", .object = account->name },
                       err);
}

static bool create_inside(
        const Request *request, Response *response, Services *services, const Account *account, Error **err) {
        CLEANUP(free) char *secret = crypto_random_hex(SECRET_BYTES);
        CLEANUP(free) char *csrf_token = crypto_random_hex(SECRET_BYTES);
        Document *session;

        if (!open_session(request, services, account, secret, csrf_token, err))
                return false;
        session = document_object();
        document_set_string(session, "_status", "OK");
        document_set_string(session, "name", account->name);
        document_set_string(session, "role", account_role(account->right));
        document_set_string(session, "csrf_token", csrf_token);
        envelope_plain(response, session);
        set_cookie(request, response, secret, SESSION_MAX_S);
        return true;
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *body = body_read(request, response);
        CLEANUP(account_clear) Account account = { 0 };

        if (!body)
                return true;
        CLEANUP(document_free)
        Document *login = body_apply(request, response, &login_schema, SCHEMA_INSERT, body);
        if (!login)
                return true;
        if (!check(request, response, services, login, &account, err))
                return false;
        if (!account.name)
                return true;
        if (!store_begin(services->store, err))
                return false;
        if (!create_inside(request, response, services, &account, err)) {
                store_roll_back(services->store);
                return false;
        }
        return store_commit(services->store, err);
}

/* The cookie is the login that ends: no other is asked for. */
static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(free) char *secret = cookie_find(request_header(request, "Cookie"), SESSION_COOKIE);

        if (!secret)
                return error_set(err, ERROR_NOT_FOUND, "No session was named by a cookie");
        CLEANUP(free) char *hash = account_secret_hash(secret);
        if (!session_store_remove(services->store, hash, err))
                return false;
        response_no_content(response);
        set_cookie(request, response, "", 0);
        return !request->account.name || /* it was over already */
               audit_note(
                       services, request,
                       &(AuditNote){ .action = "session delete", .object = request->account.name }, err);
}

static const SchemaField session_fields[] = {
        { "_status", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "role", SCHEMA_STRING, SCHEMA_REQUIRED, .words = account_roles },
        { "csrf_token", SCHEMA_STRING, SCHEMA_REQUIRED },
};
static const Schema session_schema = SCHEMA(session_fields);

static const Route routes[] = {
        { "POST", "/sessions", RIGHT_NONE, create, 0,
          &(const RouteDoc){ .operation = "create_session",
                             .summary = "Logs in: sets a cookie",
                             .description =
                                     "For browsers. What changes something needs the csrf_token of the "
                                     "answer in the header X-CSRF-Token beside the cookie.",
                             .kind = ANSWER_DOCUMENT,
                             .body = &login_schema,
                             .answer = &session_schema } },
        { "DELETE", "/sessions/current", RIGHT_NONE, discard, 0,
          &(const RouteDoc){ .operation = "delete_session",
                             .summary = "Logs out",
                             .kind = ANSWER_NOTHING,
                             .statuses = { 404 } } },
};

const Resource sessions_resource = RESOURCE("sessions", routes);
