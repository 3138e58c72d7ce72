#include "api/webhook_invoke.h"

#include <string.h>

#include "api/audit.h"
#include "api/envelope.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/rate_limit.h"
#include "model/app.h"
#include "model/command.h"
#include "model/job_request.h"
#include "model/webhook.h"
#include "store/job_store.h"
#include "store/webhook_store.h"
#include "webhooks/match.h"

enum { CALLS_AT_ONCE = 600, MS_PER_CALL = 100, STATUS_TOO_MANY = 429 };

typedef struct Invocation {
        const Request *request;
        Response *response;
        Services *services;
        const char *id;   /* of the webhook */
        Pairs form;       /* that the payload came in; empty: it is the body itself */
        const char *text; /* of the payload */
        size_t text_length;
        Document *payload, *webhook, *app;
        char *secret;
        const HookProvider *provider;
        Delivery delivery;
        HookNews news;
        Match match;
        Document *jobs;   /* ids of those that were created */
        Text refusals;    /* why others were not */
        Document *stored; /* as it was recorded */
} Invocation;

static void invocation_clear(Invocation *invocation) {
        pairs_clear(&invocation->form);
        document_free(invocation->payload);
        document_free(invocation->webhook);
        document_free(invocation->app);
        free(invocation->secret);
        hook_news_clear(&invocation->news);
        document_free(invocation->jobs);
        text_clear(&invocation->refusals);
        document_free(invocation->stored);
}
static inline void invocation_clearp(Invocation *invocation) {
        invocation_clear(invocation);
}

static const char *header_of(const void *context, const char *name) {
        return request_header(context, name);
}

/* NULL when it is not there; false when it cannot be told. */
static bool find(Services *services, Collection collection, const char *id, Document **ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        return collection_get(services->store, collection, id, ret, &why) ||
               error_kind(why) == ERROR_NOT_FOUND ||
               error_set(err, error_kind(why), "%s", error_message(why));
}

/* The webhook with its application and its secret. */
static bool load(Invocation *invocation, Error **err) {
        CLEANUP(document_free) Document *app = NULL;

        if (!find(invocation->services, COLLECTION_WEBHOOKS, invocation->id, &invocation->webhook, err))
                return false;
        if (!invocation->webhook) {
                CLEANUP(free)
                char *issue = xasprintf(
                        "value '%s' must exist in resource 'webhooks', field '_id'.", invocation->id);
                Document *issues = document_object();

                document_set_string(issues, "webhook_id", issue);
                envelope_issues(invocation->request, invocation->response, issues);
                return true;
        }
        if (!find(invocation->services, COLLECTION_APPS, document_get_string(invocation->webhook, "app_id"),
                  &app, err))
                return false;
        if (app)
                invocation->app = app_for_reading(app);
        return webhook_store_get_secret(
                invocation->services->store, invocation->id, &invocation->secret, err);
}

/* GitHub sends a form where nobody chose JSON. NULL: the answer is given. */
static const char *find_text(const Request *request, Response *response, Pairs *form) {
        CLEANUP(error_free) Error *why = NULL;
        const char *text;

        if (!request->body_length || request_content_is(request, "application/json"))
                return request->body;
        if (!request_content_is(request, "application/x-www-form-urlencoded")) {
                response_fail(response, 400, "Unknown or no Content-Type header supplied");
                return NULL;
        }
        if (!target_parse_query(request->body, form, &why)) {
                response_fail(response, 400, "The body is no form: %s", error_message(why));
                return NULL;
        }
        text = pairs_find(form, "payload");
        if (!text)
                response_fail(response, 422, "Invalid webhook request payload: 'payload'");
        return text;
}

/* False when the answer is given. */
static bool read_payload(Invocation *invocation) {
        CLEANUP(error_free) Error *why = NULL;
        const Request *request = invocation->request;

        invocation->text = find_text(request, invocation->response, &invocation->form);
        if (!invocation->text)
                return false;
        invocation->text_length =
                invocation->form.count > 0 ? strlen(invocation->text) : request->body_length;
        invocation->payload = document_parse(invocation->text, invocation->text_length, &why);
        if (!document_is_object(invocation->payload)) {
                response_fail(
                        invocation->response, 400, "The body must be one JSON object%s%s", why ? ": " : "",
                        why ? error_message(why) : "");
                return false;
        }
        invocation->delivery = (Delivery){ .header = header_of,
                                           .context = request,
                                           .body = request->body,
                                           .length = request->body_length,
                                           .payload = invocation->payload };
        return true;
}

/* False when the answer is given. */
static bool parse(Invocation *invocation) {
        CLEANUP(error_free) Error *why = NULL;
        const Delivery *delivery = &invocation->delivery;

        invocation->provider = hook_provider_find(delivery);
        if (!invocation->provider)
                (void) error_set(
                        &why, ERROR_INVALID, "no header X-GitHub-Event, X-Event-Key or X-Gitlab-Event");
        else if (invocation->provider->read(
                         delivery->header(delivery->context, invocation->provider->event_header),
                         delivery->payload, &invocation->news, &why))
                return true;
        response_fail(invocation->response, 422, "Invalid webhook request payload: %s", error_message(why));
        return false;
}

static bool record(Invocation *invocation, int code, const char *message, Error **err) {
        const HookChange *change = invocation->match.change;
        CLEANUP(document_free)
        Document *document = invocation_new_document(&(InvocationRecord){
                .webhook_id = invocation->id,
                .code = code,
                .message = message,
                .jobs = invocation->jobs,
                .payload = invocation->text,
                .payload_length = invocation->text_length,
                .provider = invocation->provider->name,
                .event = change ? hook_event_word(change->event) : NULL,
                .revision = change ? change->revision : NULL,
        });

        return webhook_store_add_invocation(invocation->services->store, document, &invocation->stored, err);
}

static void answer_recorded(Invocation *invocation, int code) {
        CLEANUP(free) char *path = xasprintf("webhooks/%s/invocations", invocation->id);
        const ResourceName name = { .collection = "webhook_invocation",
                                    .item = "webhook_invocation",
                                    .path = path };

        envelope_written(invocation->request, invocation->response, &name, code, invocation->stored);
}

/* Recorded, then refused. */
static bool refuse(Invocation *invocation, int code, const char *message, Error **err) {
        if (!record(invocation, code, message, err))
                return false;
        response_fail(invocation->response, code, "%s", message);
        return true;
}

static void note_refusal(Invocation *invocation, const Document *job, const char *reason) {
        text_appendf(
                &invocation->refusals, "%s%s: %s", invocation->refusals.length > 0 ? "; " : "",
                document_get_string(job, "command"), reason);
}

/* What the job's rules refuse is said in the answer; what is our trouble ends it all. */
static bool create_job(Invocation *invocation, const Document *asked, Error **err) {
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(document_free)
        Document *job = schema_apply(&job_request_schema, SCHEMA_INSERT, asked, &issues);

        if (!job) {
                CLEANUP(free) char *text = document_text(issues);
                note_refusal(invocation, asked, text);
                return true;
        }
        CLEANUP(free) char *user = xasprintf("webhook_%s", invocation->id);
        document_set_string(job, "user", user);
        if (command_info_allowed(
                    document_get_string(job, "command"), &invocation->services->commands, &why) &&
            job_request_check(job, invocation->app, &why) &&
            job_store_insert(invocation->services->store, job, &stored, &why)) {
                document_append(invocation->jobs, document_string(document_get_string(stored, "_id")));
                return true;
        }
        if (error_kind(why) != ERROR_INVALID && error_kind(why) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(why), "%s", error_message(why));
        note_refusal(invocation, job, error_message(why));
        return true;
}

static bool create_jobs(Invocation *invocation, Error **err) {
        CLEANUP(document_free)
        Document *asked = match_make_jobs(invocation->webhook, invocation->match.change->revision);

        invocation->jobs = document_array();
        for (size_t i = 0; i < document_count(asked); i++)
                if (!create_job(invocation, document_at(asked, i), err))
                        return false;
        return true;
}

/* What started something is not taken again; a delivery that was refused may be repeated once the webhook is
 * set right, as providers offer. */
static bool start_jobs(Invocation *invocation, const char *delivery, Error **err) {
        Store *store = invocation->services->store;

        if (!create_jobs(invocation, err))
                return false;
        bool none = document_count(invocation->jobs) == 0 && invocation->refusals.length > 0;
        if (!none && *delivery && !webhook_store_keep_delivery(store, invocation->id, delivery, err))
                return false;
        if (invocation->refusals.length > 0) {
                CLEANUP(free)
                char *message = xasprintf("Not all jobs were created: %s", invocation->refusals.data);
                return refuse(invocation, 500, message, err);
        }
        if (!record(invocation, 201, "Jobs were created", err))
                return false;
        answer_recorded(invocation, 201);
        return true;
}

static bool accept_inside(Invocation *invocation, Error **err) {
        const Delivery *delivery = &invocation->delivery;
        const char *name = delivery->header(delivery->context, invocation->provider->delivery_header);
        bool known = false;

        if (!text_empty(name) &&
            !webhook_store_knows_delivery(invocation->services->store, invocation->id, name, &known, err))
                return false;
        if (known)
                return refuse(invocation, 409, "This delivery was taken already", err);
        return start_jobs(invocation, text_empty(name) ? "" : name, err) &&
               audit_note(
                       invocation->services, invocation->request,
                       &(AuditNote){ .action = "webhook invoke",
                                     .object = invocation->id,
                                     .after = invocation->stored },
                       err);
}

static bool accept(Invocation *invocation, Error **err) {
        Services *services = invocation->services;

        if (!store_begin(services->store, err))
                return false;
        if (!accept_inside(invocation, err)) {
                store_roll_back(services->store);
                return false;
        }
        if (!store_commit(services->store, err))
                return false;
        if (document_count(invocation->jobs) > 0 && services->wake_jobs)
                services->wake_jobs(services->context);
        return true;
}

static bool answer(Invocation *invocation, Error **err) {
        invocation->match = match_delivery(&(MatchQuestion){ .webhook = invocation->webhook,
                                                             .app = invocation->app,
                                                             .secret = invocation->secret,
                                                             .provider = invocation->provider,
                                                             .delivery = &invocation->delivery,
                                                             .news = &invocation->news });
        if (invocation->match.verdict == MATCH_OK)
                return accept(invocation, err);
        if (invocation->match.verdict == MATCH_REFUSED) {
                CLEANUP(free)
                char *message = xasprintf(
                        "Webhook request doesn't match its Cloud Deploy configuration: %s. error: %s.",
                        invocation->id, invocation->match.reason);
                return refuse(invocation, 403, message, err);
        }
        if (!record(invocation, 200, invocation->match.reason, err))
                return false;
        answer_recorded(invocation, 200);
        return true;
}

/* Somebody unknown cannot keep us busy. */
static bool admit(const Request *request, Response *response) {
        static RateLimit limit = RATE_LIMIT(CALLS_AT_ONCE, MS_PER_CALL);
        CLEANUP(free) char *caller = xasprintf("%s %s", request_param(request, "webhook_id"), request->peer);

        if (rate_limit_take(&limit, caller, clock_monotonic_ms()))
                return true;
        response_fail(response, STATUS_TOO_MANY, "Too many invocations of this webhook");
        response_header(response, "Retry-After", "1");
        return false;
}

bool webhook_invoke(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(invocation_clear)
        Invocation invocation = {
                .request = request,
                .response = response,
                .services = services,
                .id = request_param(request, "webhook_id"),
        };

        if (!admit(request, response) || !read_payload(&invocation))
                return true;
        if (!load(&invocation, err))
                return false;
        return !invocation.webhook || !parse(&invocation) || answer(&invocation, err);
}
