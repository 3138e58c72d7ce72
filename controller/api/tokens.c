/* /tokens: API tokens. One sees and removes one's own, an admin everybody's; a token is shown by the answer
 * that made it and never again. */
#include <string.h>

#include "api/account_source.h"
#include "api/audit.h"
#include "api/body.h"
#include "api/collection_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/transaction.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "model/account.h"
#include "store/token_store.h"
#include "store/user_store.h"

enum { TOKEN_BYTES = 32 };
static const int64_t DAY_US = 86400 * 1000000LL;

static CollectionView view_for(const Request *request) {
        CollectionView view = { .name = { .collection = "tokens", .item = "token" },
                                .collection = COLLECTION_TOKENS };

        if (!request_has_right(request, RIGHT_ADMIN)) {
                view.scope_field = "user";
                view.scope_value = request_user(request);
        }
        return view;
}

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        const CollectionView view = view_for(request);

        return collection_answer_list(&view, request, response, services, err);
}

/* Somebody else's are not there. */
static bool find(const Request *request, Services *services, Document **ret, Error **err) {
        CLEANUP(document_free) Document *token = NULL;
        const CollectionView view = view_for(request);

        if (!collection_get(services->store, COLLECTION_TOKENS, request_param(request, "id"), &token, err))
                return false;
        if (view.scope_field && strcmp(document_get_string(token, "user"), view.scope_value) != 0)
                return error_set(err, ERROR_NOT_FOUND, "no token %s", request_param(request, "id"));
        *ret = TAKE(token);
        return true;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        const CollectionView view = view_for(request);
        Document *token = NULL;

        return find(request, services, &token, err) &&
               collection_answer_document(&view, request, response, services, token, err);
}

/* When it ends: as asked, else after a year; never after the token that makes it, or taking that one away
 * would not help. */
static bool find_end(const Request *request, const Document *input, int64_t *ret_us, Document *issues) {
        int64_t now_us = clock_now_us(), limit_us = now_us + TOKEN_DAYS_MAX * DAY_US;
        int64_t parent_us = request->account.expires_us;
        const char *asked = document_get_string(input, "expires");

        *ret_us = now_us + TOKEN_DAYS * DAY_US;
        if (parent_us > 0 && *ret_us > parent_us)
                *ret_us = parent_us;
        if (!*asked)
                return true;
        if (!clock_parse_http(asked, ret_us))
                document_set_string(issues, "expires", "must be a date as 'Sun, 06 Nov 1994 08:49:37 GMT'");
        else if (*ret_us <= now_us)
                document_set_string(issues, "expires", "must be in the future");
        else if (*ret_us > limit_us)
                document_set_string(issues, "expires", "must be within ten years");
        else if (parent_us > 0 && *ret_us > parent_us)
                document_set_string(
                        issues, "expires", "must not be after the end of the token that makes it");
        return document_count(issues) == 0;
}

/* The role asked for, else the most there can be: neither more than the user has, nor more than who asks has.
 */
static const char *find_role(
        const Request *request, const Document *input, const char *user_role, Document *issues) {
        const char *own = account_role(request->account.right);
        const char *most = account_role_within(user_role, own) ? user_role : own;
        const char *asked = document_get_string(input, "role");

        if (*asked && !account_role_within(asked, most)) {
                CLEANUP(free) char *issue = xasprintf("must be no more than %s here", most);

                document_set_string(issues, "role", issue);
        }
        return *asked ? asked : most;
}

static bool insert(
        const Request *request, Response *response, Services *services, const NewToken *wish,
        const char *secret, Error **err) {
        const CollectionView view = view_for(request);
        CLEANUP(document_free) Document *stored = NULL;

        if (!token_store_insert(services->store, wish, &stored, err) ||
            !audit_note(
                    services, request,
                    &(AuditNote){ .action = "token create",
                                  .object = document_get_string(stored, "_id"),
                                  .after = stored },
                    err))
                return false;
        envelope_written(request, response, &view.name, 201, stored);
        CLEANUP(document_free) Document *receipt = envelope_receipt(&view.name, stored);
        static const char *const shown[] = { "name", "user", "role", "expires" };
        for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
                document_set_string(receipt, shown[i], document_get_string(stored, shown[i]));
        document_set_string(receipt, "token", secret);
        text_clear(&response->text);
        response_json(response, 201, document_text(receipt));
        response_header(response, "Cache-Control", "no-store");
        return true;
}

static bool create_inside(
        const Request *request, Response *response, Services *services, const Document *input, Error **err) {
        CLEANUP(document_free) Document *issues = document_object();
        CLEANUP(user_clear) User user = { 0 };
        CLEANUP(error_free) Error *absent = NULL;
        CLEANUP(free) char *secret = crypto_random_hex(TOKEN_BYTES);
        CLEANUP(free) char *hash = account_secret_hash(secret);
        const char *asked = document_get_string(input, "user");
        const char *name = *asked ? asked : request_user(request);
        NewToken wish = { .hash = hash, .user = name, .name = document_get_string(input, "name") };

        if (strcmp(name, request_user(request)) != 0 && !request_has_right(request, RIGHT_ADMIN))
                return error_set(err, ERROR_FORBIDDEN, "Only an admin makes tokens for others");
        if (user_store_get(services->store, name, &user, &absent))
                wish.role = find_role(request, input, user.role, issues);
        else if (error_kind(absent) == ERROR_NOT_FOUND)
                document_set_string(issues, "user", error_message(absent));
        else
                return error_set(err, error_kind(absent), "%s", error_message(absent));
        (void) find_end(request, input, &wish.expires_us, issues);
        if (document_count(issues) > 0) {
                envelope_issues(request, response, TAKE(issues));
                return true;
        }
        return insert(request, response, services, &wish, secret, err);
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *body = body_read(request, response);

        if (!body)
                return true;
        CLEANUP(document_free)
        Document *input = body_apply(request, response, &token_schema, SCHEMA_INSERT, body);
        if (!input)
                return true;
        if (!store_begin(services->store, err))
                return false;
        if (!create_inside(request, response, services, input, err)) {
                store_roll_back(services->store);
                return false;
        }
        return store_commit(services->store, err);
}

static bool discard_inside(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        const char *id = request_param(request, "id");

        if (!find(request, services, &stored, err))
                return false;
        if (!envelope_may_edit(request, response, document_get_string(stored, "_etag")))
                return true;
        if (!token_store_remove(services->store, id, err))
                return false;
        response_no_content(response);
        return audit_note(
                services, request, &(AuditNote){ .action = "token delete", .object = id, .before = stored },
                err);
}

static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        return transaction_run(request, response, services, discard_inside, err);
}

static const Route routes[] = {
        { "GET", "/tokens", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_tokens",
                             .summary = "Lists one's API tokens; an admin sees everybody's",
                             .kind = ANSWER_COLLECTION,
                             .answer = &token_schema } },
        { "POST", "/tokens", RIGHT_READ, create, 0,
          &(const RouteDoc){ .operation = "create_token",
                             .summary = "Makes an API token; this answer alone shows it",
                             .description =
                                     "It allows no more than its user and the login that makes it, and "
                                     "ends after a year unless expires says otherwise.",
                             .kind = ANSWER_RECEIPT,
                             .body = &token_schema } },
        { "GET", "/tokens/{id}", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_token",
                             .summary = "Shows what a token is for, not the token",
                             .kind = ANSWER_ITEM,
                             .answer = &token_schema } },
        { "DELETE", "/tokens/{id}", RIGHT_READ, discard, 0,
          &(const RouteDoc){ .operation = "delete_token",
                             .summary = "Takes a token away",
                             .kind = ANSWER_NOTHING,
                             .conditional = true } },
};

const Resource tokens_resource = RESOURCE("tokens", routes);
