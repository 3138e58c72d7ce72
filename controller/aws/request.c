#include "aws/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws_state.h"
#include "aws/sigv4.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/url.h"

enum {
        MAX_ATTEMPTS = 8,
        CALL_TIMEOUT_MS = 60000,   /* of one attempt */
        TOTAL_TIMEOUT_MS = 180000, /* of all of them */
        MAX_PAUSE_MS = 20000,
        RETRY_COST = 5,
        RETRY_TOKENS = 500,
        MAX_MESSAGE_BYTES = 400,
};
#define SKEW_US (60 * INT64_C(1000000))

/* One call with all its attempts. */
typedef struct Call {
        AwsSession *session;
        Aws *aws;
        const AwsService *service;
        const char *action;
        const char *region;
        const char *body;
        CredentialsProvider *credentials; /* the Aws's own, or the role's */
        Endpoint endpoint;
        Deadline deadline;
        int attempt;
        bool credentials_renewed, clock_corrected;
} Call;

void form_add(AwsForm *form, const char *value, const char *name_format, ...) {
        va_list args;

        if (text_empty(value))
                return;
        va_start(args, name_format);
        CLEANUP(free) char *name = xvasprintf(name_format, args);
        va_end(args);
        url_append_parameter(&form->body, name, value);
}

void form_add_bool(AwsForm *form, bool value, const char *name) {
        url_append_parameter(&form->body, name, value ? "true" : "false");
}

void form_add_int(AwsForm *form, int64_t value, const char *name_format, ...) {
        CLEANUP(free) char *number = xasprintf("%lld", (long long) value);
        va_list args;

        va_start(args, name_format);
        CLEANUP(free) char *name = xvasprintf(name_format, args);
        va_end(args);
        url_append_parameter(&form->body, name, number);
}

/* ---- understanding failures ---- */

/* Server's words in our messages: one line, bounded. */
static char *clean(const char *text) {
        char *copy = xstrndup(text ? text : "", MAX_MESSAGE_BYTES);

        for (char *at = copy; *at; at++)
                if ((unsigned char) *at < ' ' || *at == 0x7f)
                        *at = ' ';
        return copy;
}

static const Xml *error_element(const Xml *root) {
        const Xml *element = xml_find(root, "Errors/Error");

        if (!element)
                element = xml_find(root, "Error");
        return element || !root || !text_equal(xml_name(root), "Error") ? element : root;
}

static bool fail_with_answer(Call *call, const HttpResponse *response, Error **err) {
        CLEANUP(xml_free) Xml *root = NULL;
        CLEANUP(error_free) Error *ignored = NULL;
        AwsFailure *failure = &call->session->failure;

        xml_parse(response->body, response->body_length, &root, &ignored);
        const Xml *element = error_element(root);
        const char *id = xml_text(root, "RequestID");
        if (!id)
                id = xml_text(root, "RequestId");
        if (!id)
                id = http_response_header(response, "x-amzn-requestid");
        CLEANUP(free)
        char *code = clean(xml_text(element, "Code")), *text = clean(xml_text(element, "Message"));
        CLEANUP(free) char *request_id = clean(id ? id : "unknown");

        failure->status = response->status;
        failure->class = aws_classify(code, response->status);
        (void) snprintf(failure->code, sizeof(failure->code), "%s", code);
        if (!*code)
                return error_set(
                        err, aws_error_kind(failure->class),
                        "%s: HTTP status %d without an AWS error (request %s)", call->action,
                        response->status, request_id);
        return error_set(
                err, aws_error_kind(failure->class), "%s: %s: %s (request %s)", call->action, code, text,
                request_id);
}

static bool fail_without_answer(Call *call, Error **err) {
        AwsFailure *failure = &call->session->failure;
        ErrorKind kind = error_kind(*err);

        *failure = (AwsFailure){ .class = kind == ERROR_UNAVAILABLE || kind == ERROR_TIMEOUT
                                                  ? AWS_ERROR_TRANSIENT
                                                  : AWS_ERROR_CALLER };
        return error_prefix(err, "%s", call->action);
}

/* ---- one attempt ---- */

static void sign(const Call *call, const Credentials *credentials, int64_t time_us, StringList *headers) {
        CLEANUP(string_list_clear) StringList to_sign = { 0 };

        string_list_add(&to_sign, "Content-Type: application/x-www-form-urlencoded; charset=utf-8");
        string_list_addf(&to_sign, "Host: %s", call->endpoint.authority);
        for (size_t i = 0; i < to_sign.count; i++)
                string_list_add(headers, to_sign.items[i]);
        if (!credentials)
                return;
        sigv4_sign(
                &(SigV4Request){ .method = "POST",
                                 .path = call->endpoint.path,
                                 .headers = (const char *const *) to_sign.items,
                                 .body = call->body,
                                 .body_length = strlen(call->body),
                                 .region = call->endpoint.signing_region,
                                 .service = call->service->signing_name,
                                 .credentials = credentials,
                                 .time_us = time_us },
                headers);
}

static bool send_once(Call *call, const Credentials *credentials, HttpResponse *ret, Error **err) {
        CLEANUP(string_list_clear) StringList headers = { 0 };
        Aws *aws = call->aws;

        pthread_mutex_lock(&aws->lock);
        AwsPlace *place = aws_place(aws, call->service->host, call->region, call->session->role);
        int64_t offset_us = place->clock_offset_us;
        int64_t wait_ms = throttle_book(&place->throttle, clock_monotonic_ms());
        pthread_mutex_unlock(&aws->lock);
        if (wait_ms > 0 && !aws_session_sleep(call->session, wait_ms, err))
                return false;

        sign(call, credentials, clock_now_us() + offset_us, &headers);
        int left_ms = deadline_left_ms(call->deadline);
        HttpRequest request = { .method = "POST",
                                .url = call->endpoint.url,
                                .headers = (const char *const *) headers.items,
                                .body = call->body,
                                .body_length = strlen(call->body),
                                .timeout_ms = left_ms < 1                 ? 1
                                              : left_ms < CALL_TIMEOUT_MS ? left_ms
                                                                          : CALL_TIMEOUT_MS,
                                .max_body_bytes = XML_MAX_BYTES,
                                .cancelled = call->session->cancelled,
                                .context = call->session->context };
        HttpClient *client = aws_take_client(aws);
        int64_t started_ms = clock_monotonic_ms();
        bool sent = http_client_send(client, &request, ret, err);
        aws_return_client(aws, client);
        log_debug(
                "%s %s in %s: status %d after %lld ms", call->service->host, call->action, call->region,
                sent ? ret->status : 0, (long long) (clock_monotonic_ms() - started_ms));
        return sent;
}

/* True: *ret is the answer. False: *err and session->failure. */
static bool attempt(
        Call *call, const Credentials *credentials, HttpResponse *response, Xml **ret, Error **err) {
        if (!send_once(call, credentials, response, err))
                return fail_without_answer(call, err);
        if (response->status / 100 != 2)
                return fail_with_answer(call, response, err);
        if (xml_parse(response->body, response->body_length, ret, err))
                return true;
        call->session->failure = (AwsFailure){ .class = AWS_ERROR_TRANSIENT, .status = response->status };
        return error_prefix(err, "%s: the answer", call->action);
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
        AwsPlace *place = aws_place(call->aws, call->service->host, call->region, call->session->role);
        int64_t change_us = offset_us - place->clock_offset_us;
        if (change_us > SKEW_US || change_us < -SKEW_US) {
                place->clock_offset_us = offset_us;
                corrected = true;
        }
        pthread_mutex_unlock(&call->aws->lock);
        if (corrected)
                log_warn(
                        "the clock of %s is %lld s from ours, signing with theirs; set this machine's clock",
                        call->endpoint.authority, (long long) (offset_us / 1000000));
        return corrected;
}

static bool may_retry(Call *call) {
        bool allowed;

        if (call->attempt >= MAX_ATTEMPTS || deadline_passed(call->deadline))
                return false;
        pthread_mutex_lock(&call->aws->lock);
        allowed = call->aws->retry_tokens >= RETRY_COST;
        if (allowed)
                call->aws->retry_tokens -= RETRY_COST;
        pthread_mutex_unlock(&call->aws->lock);
        return allowed;
}

static int64_t pause_ms(const Call *call, AwsErrorClass class) {
        int64_t base_ms =
                class == AWS_ERROR_THROTTLED ? call->aws->retry_base_ms : call->aws->retry_base_ms / 4;
        int64_t longest_ms = (base_ms > 0 ? base_ms : 1) << (call->attempt - 1);
        uint32_t random;

        if (longest_ms > MAX_PAUSE_MS)
                longest_ms = MAX_PAUSE_MS;
        crypto_random(&random, sizeof(random));
        return random % (longest_ms + 1);
}

/* Whether the call should be sent again, after the pause that is due; *err is the failure, left as it is. */
static bool recover(Call *call, const Credentials *credentials, const HttpResponse *response) {
        CLEANUP(error_free) Error *ignored = NULL;
        AwsErrorClass class = call->session->failure.class;

        if (class == AWS_ERROR_CREDENTIALS) {
                bool again = credentials && !call->credentials_renewed;
                call->credentials_renewed = true;
                if (again)
                        credentials_provider_reject(call->credentials, credentials);
                return again;
        }
        if (class == AWS_ERROR_CLOCK)
                return correct_clock(call, response);
        if (class != AWS_ERROR_THROTTLED && class != AWS_ERROR_TRANSIENT)
                return false;
        return may_retry(call) && aws_session_sleep(call->session, pause_ms(call, class), &ignored);
}

static void learn(Call *call, bool throttled, bool good) {
        Aws *aws = call->aws;

        pthread_mutex_lock(&aws->lock);
        AwsPlace *place = aws_place(aws, call->service->host, call->region, call->session->role);
        throttle_learn(&place->throttle, throttled, clock_monotonic_ms());
        if (good && aws->retry_tokens < RETRY_TOKENS)
                aws->retry_tokens += call->attempt > 1 ? RETRY_COST : 1;
        pthread_mutex_unlock(&aws->lock);
}

/* *ret stays NULL where nothing is signed. */
static bool get_credentials(Call *call, Credentials **ret, Error **err) {
        if (call->aws->anonymous || credentials_provider_get(call->credentials, ret, err))
                return true;
        call->session->failure = (AwsFailure){ .class = AWS_ERROR_CREDENTIALS };
        return error_prefix(err, "%s", call->action);
}

static bool run(Call *call, Xml **ret, Error **err) {
        for (call->attempt = 1;; call->attempt++) {
                CLEANUP(credentials_free) Credentials *credentials = NULL;
                CLEANUP(http_response_clear) HttpResponse response = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                if (!get_credentials(call, &credentials, err))
                        return false;
                bool good = attempt(call, credentials, &response, ret, &error);
                learn(call, !good && call->session->failure.class == AWS_ERROR_THROTTLED, good);
                if (good)
                        return true;
                if (!recover(call, credentials, &response)) {
                        *err = TAKE(error);
                        if (call->session->cancelled && call->session->cancelled(call->session->context))
                                return error_free(TAKE(*err)),
                                       error_set(err, ERROR_CANCELLED, "%s: cancelled", call->action);
                        return call->attempt == 1 ? false
                                                  : error_prefix(err, "after %d attempts", call->attempt);
                }
                log_debug("%s, sending it again", error_message(error));
        }
}

static CredentialsProvider *find_credentials(const AwsSession *session, const char *region, Error **err) {
        const AwsRole *role = session->role;

        if (!role)
                return session->aws->credentials;
        return assumed_roles_provider(
                session->aws->roles, role, text_empty(role->region) ? region : role->region, err);
}

bool aws_call(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form, Xml **ret,
        Error **err) {
        const EndpointSources sources = { session->aws->endpoint_url, session->aws->environment,
                                          session->aws->profile };
        const char *region = session->region ? session->region : session->aws->region;
        CLEANUP(text_clear) Text body = { 0 };
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };

        session->failure = (AwsFailure){ .class = AWS_ERROR_CALLER };
        if (!region)
                return error_set(
                        err, ERROR_INVALID, "%s: no AWS region; set it in the application or aws.region",
                        action);
        if (!endpoint_resolve(service, region, &sources, &endpoint, err))
                return error_prefix(err, "%s", action);
        CredentialsProvider *credentials = find_credentials(session, region, err);
        if (!credentials)
                return error_prefix(err, "%s", action);
        url_append_parameter(&body, "Action", action);
        url_append_parameter(&body, "Version", service->version);
        if (form && form->body.length > 0) {
                text_append(&body, "&");
                text_append_bytes(&body, form->body.data, form->body.length);
        }
        Call call = { .session = session,
                      .aws = session->aws,
                      .service = service,
                      .action = action,
                      .region = region,
                      .body = body.data,
                      .credentials = credentials,
                      .endpoint = endpoint,
                      .deadline = deadline_earlier(session->deadline, deadline_after_ms(TOTAL_TIMEOUT_MS)) };
        bool good = run(&call, ret, err);
        if (good)
                session->failure = (AwsFailure){ 0 };
        crypto_wipe(body.data, body.length); /* user data holds a join token */
        return good;
}
