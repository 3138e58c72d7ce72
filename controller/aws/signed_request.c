#include "aws/signed_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws_state.h"
#include "aws/request.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"

enum {
        MAX_ATTEMPTS = 8,
        CALL_TIMEOUT_MS = 60000,   /* of one attempt */
        TOTAL_TIMEOUT_MS = 180000, /* of all of them */
        MAX_PAUSE_MS = 20000,
        RETRY_COST = 5,
        TIMEOUT_RETRY_COST = 10,       /* a server that does not answer is worse than one that refuses */
        MAX_ASKED_EXTRA_MS = 5000,     /* how much longer than our own pause the server may ask for */
        IDLE_TIMEOUT_MS = 60000,       /* of an attempt that moves much */
        LONG_TIMEOUT_MS = 6 * 3600000, /* … with all its attempts */
};
#define SKEW_US (60 * INT64_C(1000000))

/* One call with all its attempts. */
typedef struct Call {
        AwsSession *session;
        Aws *aws;
        const SignedRequest *request;
        CredentialsProvider *credentials; /* the Aws's own, or the role's */
        char *url;
        Deadline deadline;
        int attempt;
        int last_cost;   /* of the retry that this attempt is */
        int64_t took_ms; /* the last attempt; < 0: it was not sent */
        bool credentials_renewed, clock_corrected;
} Call;

static AwsPlace *place_of(const Call *call) {
        return aws_place(call->aws, call->request->service->host, call->request->region, call->session->role);
}

/* ---- understanding failures ---- */

/* HEAD has no body to say why: a 400 that names no other region is nearly always the refusal of expired keys.
 */
static AwsErrorClass classify(const Call *call, const AnswerError *answer, int status) {
        const SignedRequest *request = call->request;
        bool elsewhere = *answer->region && !text_equal(answer->region, request->endpoint->signing_region);

        if (!*answer->code && status == 400 && text_equal(request->method, "HEAD") && !elsewhere)
                return AWS_ERROR_CREDENTIALS;
        if (status == 307 && !elsewhere) /* S3 is moving the bucket's name; it will be there */
                return AWS_ERROR_TRANSIENT;
        return aws_classify(answer->code, status);
}

static bool fail_with_answer(Call *call, const HttpResponse *response, Error **err) {
        CLEANUP(answer_error_clear) AnswerError answer = { 0 };
        AwsFailure *failure = &call->session->failure;
        const char *action = call->request->action;

        answer_error_read(response, &answer);
        failure->status = response->status;
        failure->class = classify(call, &answer, response->status);
        (void) snprintf(failure->code, sizeof(failure->code), "%s", answer.code);
        if (!*answer.code)
                return error_set(
                        err, aws_error_kind(failure->class),
                        "%s: HTTP status %d without an AWS error (request %s)", action, response->status,
                        answer.request_id);
        return error_set(
                err, aws_error_kind(failure->class), "%s: %s: %s (request %s)", action, answer.code,
                answer.text, answer.request_id);
}

/* An answer longer than any that AWS gives was damaged on its way; one that is longer than its reader wanted
 * is what it is. */
static bool is_transient(const Call *call, ErrorKind kind) {
        return kind == ERROR_UNAVAILABLE || kind == ERROR_TIMEOUT ||
               (kind == ERROR_INVALID && call->request->max_body_bytes == 0);
}

static bool fail_without_answer(Call *call, Error **err) {
        ErrorKind kind = error_kind(*err);
        const char *action = call->request->action;

        call->session->failure =
                (AwsFailure){ .class = is_transient(call, kind) ? AWS_ERROR_TRANSIENT : AWS_ERROR_CALLER };
        if (kind != ERROR_FORBIDDEN)
                return error_prefix(err, "%s", action);
        CLEANUP(error_free) Error *distrust = TAKE(*err);
        return error_set(
                err, kind,
                "%s: %s; set AWS_CA_BUNDLE to the certificates that %s is to be believed by, or correct the "
                "endpoint",
                action, error_message(distrust), call->request->endpoint->authority);
}

/* ---- one attempt ---- */

static void sign(const Call *call, const Credentials *credentials, int64_t time_us, StringList *headers) {
        const SignedRequest *request = call->request;
        CLEANUP(string_list_clear) StringList to_sign = { 0 };

        for (const char *const *header = request->headers; header && *header; header++)
                string_list_add(&to_sign, *header);
        string_list_addf(&to_sign, "Host: %s", request->endpoint->authority);
        for (size_t i = 0; i < to_sign.count; i++)
                string_list_add(headers, to_sign.items[i]);
        if (!credentials)
                return;
        sigv4_sign(
                &(SigV4Request){ .method = request->method,
                                 .path = request->endpoint->path,
                                 .query = request->query,
                                 .headers = (const char *const *) to_sign.items,
                                 .body = request->body,
                                 .body_length = (size_t) request->body_length,
                                 .payload_hash = request->payload_hash,
                                 .path_style = request->path_style,
                                 .region = request->endpoint->signing_region,
                                 .service = request->service->signing_name,
                                 .credentials = credentials,
                                 .time_us = time_us },
                headers);
}

static bool is_cancelled(void *context) {
        const AwsSession *session = ((Call *) context)->session;

        return session->cancelled && session->cancelled(session->context);
}

static bool take_body(void *context, const char *bytes, size_t length) {
        const SignedRequest *request = ((Call *) context)->request;

        return request->on_body(request->context, bytes, length);
}

static int64_t attempt_timeout_ms(const Call *call) {
        int left_ms = deadline_left_ms(call->deadline);

        if (left_ms < 1)
                return 1;
        return left_ms < CALL_TIMEOUT_MS || call->request->is_long ? left_ms : CALL_TIMEOUT_MS;
}

static HttpRequest http_request(Call *call, const StringList *headers) {
        const SignedRequest *request = call->request;

        return (HttpRequest){ .method = request->method,
                              .url = call->url,
                              .headers = (const char *const *) headers->items,
                              .body = request->body,
                              .body_file = request->body_file,
                              .body_length = request->body_length,
                              .timeout_ms = attempt_timeout_ms(call),
                              .idle_timeout_ms = request->is_long ? IDLE_TIMEOUT_MS : 0,
                              .max_body_bytes =
                                      request->max_body_bytes ? request->max_body_bytes : XML_MAX_BYTES,
                              .on_body = request->on_body ? take_body : NULL,
                              .cancelled = is_cancelled,
                              .context = call };
}

static bool send_once(Call *call, const Credentials *credentials, HttpResponse *ret, Error **err) {
        CLEANUP(string_list_clear) StringList headers = { 0 };
        const SignedRequest *request = call->request;
        Aws *aws = call->aws;

        call->took_ms = -1;
        pthread_mutex_lock(&aws->lock);
        AwsPlace *place = place_of(call);
        int64_t offset_us = place->clock_offset_us;
        int64_t wait_ms = throttle_book(&place->throttle, clock_monotonic_ms());
        pthread_mutex_unlock(&aws->lock);
        if (wait_ms > 0 && !aws_session_sleep(call->session, wait_ms, err))
                return false;

        if (request->begin)
                request->begin(request->context);
        sign(call, credentials, clock_now_us() + offset_us, &headers);
        HttpRequest http = http_request(call, &headers);
        HttpClient *client = aws_take_client(aws);
        int64_t started_ms = clock_monotonic_ms();
        bool sent = http_client_send(client, &http, ret, err);
        aws_return_client(aws, client);
        call->took_ms = clock_monotonic_ms() - started_ms;
        log_debug(
                "%s %s in %s: status %d after %lld ms", request->service->host, request->action,
                request->region, sent ? ret->status : 0, (long long) call->took_ms);
        return sent;
}

/* True: *response is the answer. False: *err and session->failure. */
static bool attempt(Call *call, const Credentials *credentials, HttpResponse *response, Error **err) {
        const SignedRequest *request = call->request;

        if (!send_once(call, credentials, response, err))
                return fail_without_answer(call, err);
        if (response->status / 100 != 2)
                return fail_with_answer(call, response, err);
        AwsErrorClass class =
                request->accept ? request->accept(request->context, response, err) : AWS_ERROR_NONE;
        if (class == AWS_ERROR_NONE)
                return true;
        call->session->failure = (AwsFailure){ .class = class, .status = response->status };
        return error_prefix(err, "%s", request->action);
}

static void tell(const Call *call, bool good) {
        const AwsAttempt attempt = { .service = call->request->service->host,
                                     .action = call->request->action,
                                     .result =
                                             good ? "ok" : aws_error_class_word(call->session->failure.class),
                                     .duration_ms = call->took_ms };

        if (call->aws->called && call->took_ms >= 0)
                call->aws->called(call->aws->called_context, &attempt);
}

/* ---- what to do after a failure ---- */

static bool correct_clock(Call *call, const HttpResponse *response) {
        const char *date = http_response_header(response, "date");
        int64_t theirs_us = 0;
        bool corrected = false;

        if (call->clock_corrected || !date || !clock_parse_http(date, &theirs_us))
                return false;
        call->clock_corrected = true;
        int64_t offset_us = theirs_us - clock_now_us();
        pthread_mutex_lock(&call->aws->lock);
        AwsPlace *place = place_of(call);
        int64_t change_us = offset_us - place->clock_offset_us;
        if (change_us > SKEW_US || change_us < -SKEW_US) {
                place->clock_offset_us = offset_us;
                corrected = true;
        }
        pthread_mutex_unlock(&call->aws->lock);
        if (corrected)
                log_warn(
                        "the clock of %s is %lld s from ours, signing with theirs; set this machine's clock",
                        call->request->endpoint->authority, (long long) (offset_us / 1000000));
        return corrected;
}

static bool may_retry(Call *call, const HttpResponse *response) {
        int cost = response->status == 0 ? TIMEOUT_RETRY_COST : RETRY_COST;
        bool allowed;

        if (call->attempt >= MAX_ATTEMPTS || deadline_passed(call->deadline))
                return false;
        pthread_mutex_lock(&call->aws->lock);
        AwsPlace *place = place_of(call);
        allowed = place->retry_tokens >= cost;
        if (allowed)
                place->retry_tokens -= cost;
        pthread_mutex_unlock(&call->aws->lock);
        call->last_cost = cost;
        return allowed;
}

/* x-amz-retry-after, in milliseconds, when it asks for more than our own pause, within reason. */
static int64_t asked_pause_ms(const HttpResponse *response, int64_t own_ms) {
        const char *text = http_response_header(response, "x-amz-retry-after");
        int64_t asked_ms = text ? strtoll(text, NULL, 10) : 0;

        if (asked_ms <= own_ms)
                return own_ms;
        return asked_ms < own_ms + MAX_ASKED_EXTRA_MS ? asked_ms : own_ms + MAX_ASKED_EXTRA_MS;
}

static int64_t pause_ms(const Call *call, AwsErrorClass class, const HttpResponse *response) {
        int64_t base_ms =
                class == AWS_ERROR_THROTTLED ? call->aws->retry_base_ms : call->aws->retry_base_ms / 4;
        int64_t longest_ms = (base_ms > 0 ? base_ms : 1) << (call->attempt - 1);
        uint32_t random;

        if (longest_ms > MAX_PAUSE_MS)
                longest_ms = MAX_PAUSE_MS;
        crypto_random(&random, sizeof(random));
        return asked_pause_ms(response, random % (longest_ms + 1));
}

/* EC2 says RequestExpired of a session that has ended as well as of an old signature. */
static bool renew_credentials(Call *call, const Credentials *credentials) {
        if (!credentials || call->credentials_renewed)
                return false;
        call->credentials_renewed = true;
        credentials_provider_reject(call->credentials, credentials);
        return true;
}

/* Whether the call should be sent again, after the pause that is due; *err is the failure, left as it is. */
static bool recover(Call *call, const Credentials *credentials, const HttpResponse *response) {
        CLEANUP(error_free) Error *ignored = NULL;
        AwsErrorClass class = call->session->failure.class;

        if (class == AWS_ERROR_CREDENTIALS)
                return renew_credentials(call, credentials);
        if (class == AWS_ERROR_CLOCK)
                return correct_clock(call, response) ||
                       (text_equal(call->session->failure.code, "RequestExpired") &&
                        renew_credentials(call, credentials));
        if (class != AWS_ERROR_THROTTLED && class != AWS_ERROR_TRANSIENT)
                return false;
        return may_retry(call, response) &&
               aws_session_sleep(call->session, pause_ms(call, class, response), &ignored);
}

static void learn(Call *call, bool throttled, bool good) {
        Aws *aws = call->aws;

        pthread_mutex_lock(&aws->lock);
        AwsPlace *place = place_of(call);
        throttle_learn(&place->throttle, throttled, clock_monotonic_ms());
        if (good && place->retry_tokens < AWS_RETRY_TOKENS)
                place->retry_tokens += call->attempt > 1 && call->last_cost ? call->last_cost : 1;
        pthread_mutex_unlock(&aws->lock);
}

/* *ret stays NULL where nothing is signed. */
static bool get_credentials(Call *call, Credentials **ret, Error **err) {
        if (call->aws->anonymous || credentials_provider_get(call->credentials, ret, err))
                return true;
        call->session->failure = (AwsFailure){ .class = AWS_ERROR_CREDENTIALS };
        return error_prefix(err, "%s", call->request->action);
}

static bool give_up(Call *call, Error *problem, Error **err) {
        if (is_cancelled(call)) {
                error_free(problem);
                return error_set(err, ERROR_CANCELLED, "%s: cancelled", call->request->action);
        }
        *err = problem;
        return call->attempt == 1 ? false : error_prefix(err, "after %d attempts", call->attempt);
}

static bool run(Call *call, HttpResponse *ret, Error **err) {
        for (call->attempt = 1;; call->attempt++) {
                CLEANUP(credentials_free) Credentials *credentials = NULL;
                CLEANUP(error_free) Error *error = NULL;

                http_response_clear(ret);
                if (!get_credentials(call, &credentials, err))
                        return false;
                bool good = attempt(call, credentials, ret, &error);
                tell(call, good);
                learn(call, !good && call->session->failure.class == AWS_ERROR_THROTTLED, good);
                if (good)
                        return true;
                if (!recover(call, credentials, ret))
                        return give_up(call, TAKE(error), err);
                log_debug("%s, sending it again", error_message(error));
        }
}

/* ---- what a session stands for ---- */

EndpointSources session_endpoints(const AwsSession *session) {
        return (EndpointSources){ session->aws->endpoint_url, session->aws->environment,
                                  session->aws->profile };
}

bool session_region(AwsSession *session, const char *action, const char **ret, Error **err) {
        session->failure = (AwsFailure){ .class = AWS_ERROR_CALLER };
        *ret = session->region ? session->region : session->aws->region;
        return *ret || error_set(
                               err, ERROR_INVALID,
                               "%s: no AWS region; set it in the application or aws.region", action);
}

int64_t session_clock_us(const AwsSession *session, const AwsService *service, const char *region) {
        Aws *aws = session->aws;

        pthread_mutex_lock(&aws->lock);
        int64_t offset_us = aws_place(aws, service->host, region, session->role)->clock_offset_us;
        pthread_mutex_unlock(&aws->lock);
        return clock_now_us() + offset_us;
}

static CredentialsProvider *find_credentials(const AwsSession *session, const char *region, Error **err) {
        const AwsRole *role = session->role;

        if (!role)
                return session->aws->credentials;
        return assumed_roles_provider(
                session->aws->roles, role, text_empty(role->region) ? region : role->region, err);
}

bool session_credentials(
        AwsSession *session, const char *action, const char *region, Credentials **ret, Error **err) {
        CredentialsProvider *provider = find_credentials(session, region, err);

        if (!provider)
                return error_prefix(err, "%s", action);
        if (session->aws->anonymous || credentials_provider_get(provider, ret, err))
                return true;
        session->failure = (AwsFailure){ .class = AWS_ERROR_CREDENTIALS };
        return error_prefix(err, "%s", action);
}

bool signed_request_send(AwsSession *session, const SignedRequest *request, HttpResponse *ret, Error **err) {
        int64_t total_ms = request->is_long ? LONG_TIMEOUT_MS : TOTAL_TIMEOUT_MS;

        session->failure = (AwsFailure){ .class = AWS_ERROR_CALLER };
        CredentialsProvider *credentials = find_credentials(session, request->region, err);
        if (!credentials)
                return error_prefix(err, "%s", request->action);
        CLEANUP(free)
        char *url = xasprintf(
                "%s%s%s", request->endpoint->url, text_empty(request->query) ? "" : "?",
                request->query ? request->query : "");
        Call call = { .session = session,
                      .aws = session->aws,
                      .request = request,
                      .credentials = credentials,
                      .url = url,
                      .deadline = deadline_earlier(session->deadline, deadline_after_ms(total_ms)) };
        bool good = run(&call, ret, err);
        if (good)
                session->failure = (AwsFailure){ 0 };
        return good;
}
