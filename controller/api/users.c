/* /users: who may log in, and what for. Passwords go in and never come out. */
#include <string.h>

#include "api/account_source.h"
#include "api/audit.h"
#include "api/body.h"
#include "api/collection_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "model/account.h"
#include "store/user_store.h"

static const CollectionView view = {
        .name = { .collection = "users", .item = "user" },
        .collection = COLLECTION_USERS,
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

/* By name, or by the id that links carry. To others than admins there is nobody but themselves. */
static bool find(const Request *request, Services *services, Document **ret, Error **err) {
        CLEANUP(document_free) Document *user = NULL;
        CLEANUP(error_free) Error *absent = NULL;
        const char *word = request_param(request, "user");

        if (!user_store_find(services->store, word, &user, &absent)) {
                if (error_kind(absent) != ERROR_NOT_FOUND)
                        return error_set(err, error_kind(absent), "%s", error_message(absent));
                error_free(TAKE(absent));
                if (!collection_get(services->store, COLLECTION_USERS, word, &user, &absent))
                        return error_kind(absent) == ERROR_NOT_FOUND
                                       ? error_set(err, ERROR_NOT_FOUND, "no user '%s'", word)
                                       : error_set(err, error_kind(absent), "%s", error_message(absent));
        }
        if (!request_has_right(request, RIGHT_ADMIN) &&
            strcmp(document_get_string(user, "name"), request_user(request)) != 0)
                return error_set(err, ERROR_NOT_FOUND, "no user '%s'", word);
        *ret = TAKE(user);
        return true;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        Document *user = NULL;

        return find(request, services, &user, err) &&
               collection_answer_document(&view, request, response, services, user, err);
}

static bool note(
        const Request *request, Services *services, const char *action, const Document *before,
        const Document *after, Error **err) {
        return audit_note(
                services, request,
                &(AuditNote){ .action = action,
                              .object = document_get_string(after ? after : before, "name"),
                              .before = before,
                              .after = after },
                err);
}

#define HASH_MEMBER "password_hash"

/* Hashing takes its time: before anything is locked. */
static void hash_password(Document *input) {
        const char *password = document_get_string(input, "password");

        if (!*password)
                return;
        CLEANUP(free) char *hash = password_hash(password);
        document_remove(input, "password");
        document_set_string(input, HASH_MEMBER, hash);
}

static bool create_inside(
        const Request *request, Response *response, Services *services, const Document *input, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        const User user = { .name = (char *) document_get_string(input, "name"),
                            .role = (char *) document_get_string(input, "role"),
                            .password_hash = (char *) document_get_string(input, HASH_MEMBER) };

        if (!user_store_add(services->store, &user, &stored, err) ||
            !note(request, services, "user create", NULL, stored, err))
                return false;
        envelope_written(request, response, &view.name, 201, stored);
        return true;
}

/* All of it or nothing. */
typedef bool (*Change)(
        const Request *request, Response *response, Services *services, const Document *input, Error **err);

static bool change(
        Change inside, const Request *request, Response *response, Services *services, const Document *input,
        Error **err) {
        if (!store_begin(services->store, err))
                return false;
        if (!inside(request, response, services, input, err)) {
                store_roll_back(services->store);
                return false;
        }
        return store_commit(services->store, err);
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *body = body_read(request, response);

        if (!body)
                return true;
        CLEANUP(document_free)
        Document *input = body_apply(request, response, &user_schema, SCHEMA_INSERT, body);
        if (!input)
                return true;
        hash_password(input);
        return change(create_inside, request, response, services, input, err);
}

/* The stored user when the client may edit it; NULL with *ret_answered: the answer is given. */
static Document *find_editable(
        const Request *request, Response *response, Services *services, bool *ret_answered, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;

        if (!find(request, services, &stored, err))
                return NULL;
        *ret_answered = !envelope_may_edit(request, response, document_get_string(stored, "_etag"));
        return *ret_answered ? NULL : TAKE(stored);
}

static bool set_role(Services *services, const Document *stored, const Document *input, Error **err) {
        const char *role = document_get_string(input, "role");

        if (!*role)
                return true;
        return user_store_set_role(services->store, document_get_string(stored, "name"), role, err) &&
               user_store_check_admin(services->store, err);
}

static bool set_password(Services *services, const Document *stored, const Document *input, Error **err) {
        const char *hash = document_get_string(input, HASH_MEMBER);

        return !*hash ||
               user_store_set_password(services->store, document_get_string(stored, "name"), hash, err);
}

static bool update_inside(
        const Request *request, Response *response, Services *services, const Document *input, Error **err) {
        CLEANUP(document_free) Document *result = NULL;
        bool answered = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        if (!set_role(services, stored, input, err) || !set_password(services, stored, input, err) ||
            !user_store_find(services->store, document_get_string(stored, "name"), &result, err) ||
            !note(request, services,
                  *document_get_string(input, HASH_MEMBER) ? "user password" : "user update", stored, result,
                  err))
                return false;
        envelope_written(request, response, &view.name, 200, result);
        return true;
}

/* Whoever is no admin changes nothing but the own password, and knows the one it was. True with
 * *ret_answered: not so, and told. */
static bool check_own_edit(
        const Request *request, Response *response, Services *services, const Document *input,
        bool *ret_answered, Error **err) {
        AuthAttempt attempt = { .peer = request->peer };
        CLEANUP(account_clear) Account account = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        *ret_answered = false;
        if (request_has_right(request, RIGHT_ADMIN))
                return true;
        if (document_get_member(input, "role"))
                return error_set(err, ERROR_FORBIDDEN, "Only an admin changes roles");
        if (!document_get_member(input, "password"))
                return true;
        if (auth_check_password(
                    services->auth, &attempt, request_user(request),
                    document_get_string(input, "old_password"), &account, &why))
                return true;
        if (attempt.retry_after_s == 0 && error_kind(why) != ERROR_FORBIDDEN)
                return error_set(err, error_kind(why), "%s", error_message(why));
        Document *issues = document_object();
        document_set_string(
                issues, "old_password",
                attempt.retry_after_s > 0 ? error_message(why) : "is not your password");
        envelope_issues(request, response, issues);
        *ret_answered = true;
        return true;
}

static bool update(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(document_free) Document *body = NULL;
        CLEANUP(document_free) Document *input = NULL;
        bool answered = false;

        /* Who must not, is told so before anything else. */
        if (!(stored = find_editable(request, response, services, &answered, err)))
                return answered;
        if (!(body = body_read(request, response)) ||
            !(input = body_apply(request, response, &user_edit_schema, SCHEMA_PATCH, body)))
                return true;
        if (!check_own_edit(request, response, services, input, &answered, err))
                return false;
        if (answered)
                return true;
        hash_password(input);
        return change(update_inside, request, response, services, input, err);
}

static bool discard_inside(
        const Request *request, Response *response, Services *services, const Document *input, Error **err) {
        bool answered = false;

        (void) input;
        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        if (!user_store_remove(services->store, document_get_string(stored, "name"), err) ||
            !user_store_check_admin(services->store, err) ||
            !note(request, services, "user delete", stored, NULL, err))
                return false;
        response_no_content(response);
        return true;
}

static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        return change(discard_inside, request, response, services, NULL, err);
}

static const Route routes[] = {
        { "GET", "/users", RIGHT_ADMIN, list, 0,
          &(const RouteDoc){ .operation = "list_users",
                             .summary = "Lists users",
                             .kind = ANSWER_COLLECTION,
                             .answer = &user_schema } },
        { "POST", "/users", RIGHT_ADMIN, create, 0,
          &(const RouteDoc){ .operation = "create_user",
                             .summary = "Adds a user",
                             .kind = ANSWER_RECEIPT,
                             .body = &user_schema,
                             .statuses = { 409 } } },
        { "GET", "/users/{user}", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_user",
                             .summary = "Shows a user, by name or id; to others than admins only themselves",
                             .kind = ANSWER_ITEM,
                             .answer = &user_schema } },
        { "PATCH", "/users/{user}", RIGHT_READ, update, 0,
          &(const RouteDoc){ .operation = "update_user",
                             .summary = "Changes role or password of a user",
                             .description = "Others than admins change their own password, and give "
                                            "old_password with it. A new password ends the user's sessions; "
                                            "tokens stay.",
                             .kind = ANSWER_RECEIPT,
                             .body = &user_edit_schema,
                             .conditional = true,
                             .statuses = { 409 } } },
        { "DELETE", "/users/{user}", RIGHT_ADMIN, discard, 0,
          &(const RouteDoc){ .operation = "delete_user",
                             .summary = "Removes a user with all tokens and sessions",
                             .kind = ANSWER_NOTHING,
                             .conditional = true,
                             .statuses = { 409 } } },
};

const Resource users_resource = RESOURCE("users", routes);
