#include "link_client.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "back_off.h"
#include "base/certificate.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "session.h"

enum {
        DIAL_TIMEOUT_MS = 30000,
        LIVED_MS = 10000,
        REQUEST_TIMEOUT_MS = 20000,
        RENEWAL_LOOK_MS = 1000,
        BATCH_BYTES = 128 << 10,
        MISSED_HEARTBEATS = 3,
};

/* A question asked from a task's thread; lives on its stack. */
typedef struct Pending {
        uint64_t id;
        Ghost__Envelope *answer;
        bool lost;
        struct Pending *next;
} Pending;

struct LinkClient {
        LinkClientSpec spec;
        char *boot_id;
        pthread_t reader, sender;

        pthread_mutex_t lock; /* guards everything below */
        pthread_cond_t changed;
        Channel *channel; /* of the open session, else NULL */
        unsigned users;   /* threads that are sending through it */
        SessionWelcome welcome;
        uint64_t next_id;
        Pending *pending;
        bool started, stopping, work, report_due, renewal_asked;
        Deadline heartbeat_at;
        Deadline renewal_look; /* the certificate is read so often, not at every word */

        atomic_bool heard; /* words of the controller since the last heartbeat */
};

/* ---- sending, from any thread
 * ----------------------------------------------------------------------------------- */

/* The channel stays while it is held. */
static Channel *hold_channel(LinkClient *link) {
        pthread_mutex_lock(&link->lock);
        Channel *channel = link->channel;
        link->users += channel != NULL;
        pthread_mutex_unlock(&link->lock);
        return channel;
}

static void let_go(LinkClient *link) {
        pthread_mutex_lock(&link->lock);
        link->users--;
        pthread_cond_broadcast(&link->changed);
        pthread_mutex_unlock(&link->lock);
}

static bool send_now(LinkClient *link, Ghost__Envelope *envelope, Error **err) {
        Channel *channel = hold_channel(link);
        if (!channel)
                return error_set(err, ERROR_UNAVAILABLE, "there is no link to the controller");

        if (envelope->id == 0) {
                pthread_mutex_lock(&link->lock);
                envelope->id = link->next_id++;
                pthread_mutex_unlock(&link->lock);
        }
        bool ok = session_send(&link->spec, channel, envelope, err);
        if (!ok)
                link->spec.driver->shut(channel);
        let_go(link);
        return ok;
}

/* What cannot be sent now is sent again by the next session, or is not worth it. */
static bool send_or_drop(LinkClient *link, Ghost__Envelope *envelope) {
        CLEANUP(error_free) Error *problem = NULL;

        if (send_now(link, envelope, &problem))
                return true;
        log_debug("%s", error_message(problem));
        return false;
}

void link_client_progress(LinkClient *link, const Ghost__TaskProgress *progress) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;

        envelope.body_case = GHOST__ENVELOPE__BODY_TASK_PROGRESS;
        envelope.task_progress = (Ghost__TaskProgress *) progress;
        send_or_drop(link, &envelope);
}

void link_client_accept_task(LinkClient *link, const char *task_id) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__TaskAccepted accepted = GHOST__TASK_ACCEPTED__INIT;

        accepted.task_id = (char *) task_id;
        envelope.body_case = GHOST__ENVELOPE__BODY_TASK_ACCEPTED;
        envelope.task_accepted = &accepted;
        send_or_drop(link, &envelope);
}

static bool send_receipt(LinkClient *link, const uint8_t *packed, size_t length) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__Receipt *receipt = ghost__receipt__unpack(NULL, length, packed);

        if (!receipt)
                return true;
        envelope.body_case = GHOST__ENVELOPE__BODY_RECEIPT;
        envelope.receipt = receipt;
        bool sent = send_or_drop(link, &envelope);
        ghost__receipt__free_unpacked(receipt, NULL);
        return sent;
}

void link_client_refuse_task(LinkClient *link, const uint8_t *receipt, size_t length) {
        send_receipt(link, receipt, length);
}

void link_client_wake(LinkClient *link, bool report_changed) {
        pthread_mutex_lock(&link->lock);
        link->work = true;
        link->report_due = link->report_due || report_changed;
        pthread_cond_broadcast(&link->changed);
        pthread_mutex_unlock(&link->lock);
}

/* ---- questions
 * -------------------------------------------------------------------------------------------------- */

static void take_pending_out(LinkClient *link, Pending *pending) {
        Pending **at = &link->pending;

        while (*at && *at != pending)
                at = &(*at)->next;
        if (*at)
                *at = pending->next;
}

static void wait_until(LinkClient *link, Deadline deadline) {
        struct timespec until;
        int left_ms = deadline_left_ms(deadline);

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += left_ms / 1000;
        until.tv_nsec += (long) (left_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_sec++;
                until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&link->changed, &link->lock, &until);
}

static bool ask(LinkClient *link, Ghost__Envelope *question, Ghost__Envelope **ret, Error **err) {
        Deadline deadline = deadline_after_ms(REQUEST_TIMEOUT_MS);
        Pending pending = { 0 };

        pthread_mutex_lock(&link->lock);
        while (!link->channel && !link->stopping && !deadline_passed(deadline))
                wait_until(link, deadline);
        question->id = pending.id = link->next_id++;
        pending.next = link->pending;
        link->pending = &pending;
        pthread_mutex_unlock(&link->lock);

        bool ok = send_now(link, question, err);
        pthread_mutex_lock(&link->lock);
        while (ok && !pending.answer && !pending.lost && !deadline_passed(deadline))
                wait_until(link, deadline);
        take_pending_out(link, &pending);
        pthread_mutex_unlock(&link->lock);
        *ret = pending.answer;
        if (ok && !pending.answer)
                ok = error_set(
                        err, ERROR_UNAVAILABLE,
                        pending.lost ? "the link was lost" : "the controller did not answer in time");
        return ok;
}

static void answer_came(LinkClient *link, Ghost__Envelope *envelope) {
        Pending *pending = NULL;

        pthread_mutex_lock(&link->lock);
        for (pending = link->pending; pending && pending->id != envelope->reply_to;)
                pending = pending->next;
        if (pending && !pending->answer)
                pending->answer = envelope;
        else
                pending = NULL;
        pthread_cond_broadcast(&link->changed);
        pthread_mutex_unlock(&link->lock);
        if (!pending)
                ghost__envelope__free_unpacked(envelope, NULL);
}

static bool get_manifest(
        void *context, const char *manifest_sha256, Ghost__ManifestReply **ret, Error **err) {
        Ghost__Envelope question = GHOST__ENVELOPE__INIT, *answer = NULL;
        Ghost__ManifestRequest request = GHOST__MANIFEST_REQUEST__INIT;

        request.manifest_sha256 = (char *) manifest_sha256;
        question.body_case = GHOST__ENVELOPE__BODY_MANIFEST_REQUEST;
        question.manifest_request = &request;
        if (!ask(context, &question, &answer, err))
                return false;
        bool ok = answer->body_case == GHOST__ENVELOPE__BODY_MANIFEST_REPLY;
        if (ok)
                *ret = TAKE(answer->manifest_reply);
        else
                error_set(err, ERROR_INVALID, "the controller answered something else");
        if (ok)
                answer->body_case = GHOST__ENVELOPE__BODY__NOT_SET;
        ghost__envelope__free_unpacked(answer, NULL);
        return ok;
}

static bool get_pack(void *context, const Ghost__PackRequest *request, Ghost__PackData **ret, Error **err) {
        Ghost__Envelope question = GHOST__ENVELOPE__INIT, *answer = NULL;
        Ghost__PackRequest bounded = *request;
        LinkClient *link = context;

        pthread_mutex_lock(&link->lock);
        uint64_t most = link->welcome.max_chunk_bytes;
        pthread_mutex_unlock(&link->lock);
        if (most > 0 && bounded.length > most)
                bounded.length = most;
        question.body_case = GHOST__ENVELOPE__BODY_PACK_REQUEST;
        question.pack_request = &bounded;
        if (!ask(link, &question, &answer, err))
                return false;
        bool ok = answer->body_case == GHOST__ENVELOPE__BODY_PACK_DATA;
        if (ok)
                *ret = TAKE(answer->pack_data);
        else
                error_set(err, ERROR_INVALID, "the controller answered something else");
        if (ok)
                answer->body_case = GHOST__ENVELOPE__BODY__NOT_SET;
        ghost__envelope__free_unpacked(answer, NULL);
        return ok;
}

PackageSource link_client_packages(LinkClient *link) {
        return (PackageSource){ .get_manifest = get_manifest, .get_pack = get_pack, .context = link };
}

/* ---- the sending thread
 * ----------------------------------------------------------------------------------------- */

static bool send_outgoing(LinkClient *link) {
        CLEANUP(task_outgoing_clear) TaskOutgoing outgoing = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__LogBatch batch = GHOST__LOG_BATCH__INIT;

        if (!task_journal_next_outgoing(link->spec.journal, BATCH_BYTES, &outgoing, &problem)) {
                log_warn("%s, trying again", error_message(problem));
                return false;
        }
        if (outgoing.receipt)
                return send_receipt(link, outgoing.receipt, outgoing.receipt_length);
        if (outgoing.batch.line_count == 0)
                return false;
        batch.job_id = outgoing.job_id;
        batch.task_id = outgoing.task_id;
        batch.first_line = outgoing.batch.first_line;
        batch.line_count = outgoing.batch.line_count;
        batch.lines = (ProtobufCBinaryData){ outgoing.batch.length, (uint8_t *) outgoing.batch.lines };
        batch.stream_bytes = outgoing.batch.stream_bytes;
        envelope.body_case = GHOST__ENVELOPE__BODY_LOG_BATCH;
        envelope.log_batch = &batch;
        return send_or_drop(link, &envelope);
}

static void send_report(LinkClient *link) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;

        envelope.body_case = GHOST__ENVELOPE__BODY_REPORT;
        envelope.report = link->spec.make_report(link->spec.context);
        send_or_drop(link, &envelope);
        ghost__report__free_unpacked(envelope.report, NULL);
}

static void say_alive(LinkClient *link) {
        if (link->spec.on_alive)
                link->spec.on_alive(link->spec.context);
}

static void send_heartbeat(LinkClient *link) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__Heartbeat heartbeat = GHOST__HEARTBEAT__INIT;

        heartbeat.sent_us = clock_now_us();
        envelope.body_case = GHOST__ENVELOPE__BODY_HEARTBEAT;
        envelope.heartbeat = &heartbeat;
        send_or_drop(link, &envelope);
}

/* Sleeps until there is something to do; what it was is in the results. */
static bool next_duty(LinkClient *link, bool *ret_report, bool *ret_heartbeat) {
        pthread_mutex_lock(&link->lock);
        while (!link->stopping &&
               !(link->channel && (link->work || link->report_due || deadline_passed(link->heartbeat_at))))
                wait_until(link, link->channel ? link->heartbeat_at : DEADLINE_NEVER);
        *ret_report = link->report_due;
        *ret_heartbeat = deadline_passed(link->heartbeat_at);
        if (*ret_heartbeat)
                link->heartbeat_at = deadline_after_ms(link->welcome.heartbeat_ms);
        link->report_due = false;
        link->work = false;
        bool go_on = !link->stopping;
        pthread_mutex_unlock(&link->lock);
        return go_on;
}

static void *sender_main(void *argument) {
        LinkClient *link = argument;
        bool report = false, heartbeat = false;

        pthread_setname_np(pthread_self(), "link-send");
        while (next_duty(link, &report, &heartbeat)) {
                if (heartbeat)
                        send_heartbeat(link);
                if (heartbeat && atomic_exchange(&link->heard, false))
                        say_alive(link);
                if (report)
                        send_report(link);
                while (send_outgoing(link))
                        ;
        }
        return NULL;
}

/* ---- the reading thread
 * ----------------------------------------------------------------------------------------- */

static void lines_acknowledged(LinkClient *link, const Ghost__LogAck *ack) {
        CLEANUP(error_free) Error *problem = NULL;

        if (!task_journal_lines_acknowledged(link->spec.journal, ack->task_id, ack->next_line, &problem))
                log_warn("%s, going on", error_message(problem));
        link_client_wake(link, false);
}

static void renewed(LinkClient *link, const Ghost__Renewed *body) {
        CLEANUP(error_free) Error *problem = NULL;

        if (session_take_certificate(&link->spec, body->certificate, &problem))
                log_info("the certificate is renewed");
        else
                log_warn("%s, keeping the old one", error_message(problem));
}

/* True when the envelope was handed on and must not be freed here. */
static bool handle(LinkClient *link, Ghost__Envelope *envelope, bool *ret_goodbye) {
        const LinkClientSpec *spec = &link->spec;

        if (envelope->body_case == GHOST__ENVELOPE__BODY_MANIFEST_REPLY ||
            envelope->body_case == GHOST__ENVELOPE__BODY_PACK_DATA) {
                answer_came(link, envelope);
                return true;
        }
        if (envelope->body_case == GHOST__ENVELOPE__BODY_TASK)
                spec->on_task(spec->context, envelope->task);
        else if (envelope->body_case == GHOST__ENVELOPE__BODY_CANCEL)
                spec->on_cancel(spec->context, envelope->cancel->task_id);
        else if (envelope->body_case == GHOST__ENVELOPE__BODY_LOG_ACK)
                lines_acknowledged(link, envelope->log_ack);
        else if (envelope->body_case == GHOST__ENVELOPE__BODY_RECEIPT_ACK)
                task_journal_receipt_acknowledged(spec->journal, envelope->receipt_ack->task_id);
        else if (envelope->body_case == GHOST__ENVELOPE__BODY_RENEWED)
                renewed(link, envelope->renewed);
        else if (
                envelope->body_case == GHOST__ENVELOPE__BODY_SHUTDOWN ||
                envelope->body_case == GHOST__ENVELOPE__BODY_REFUSAL)
                *ret_goodbye = true;
        return false;
}

static void ask_for_renewal(LinkClient *link) {
        CLEANUP(error_free) Error *problem = NULL;
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__Renew renew = GHOST__RENEW__INIT;

        if (link->renewal_asked || !deadline_passed(link->renewal_look))
                return;
        link->renewal_look = deadline_after_ms(RENEWAL_LOOK_MS);
        if (!identity_renewal_due(link->spec.identity))
                return;
        link->renewal_asked = true;
        CLEANUP(free)
        char *request =
                certificate_request_new(link->spec.identity->key, link->spec.identity->agent_id, &problem);
        if (!request) {
                log_warn("%s, trying again at the next session", error_message(problem));
                return;
        }
        renew.certificate_request = request;
        envelope.body_case = GHOST__ENVELOPE__BODY_RENEW;
        envelope.renew = &renew;
        send_or_drop(link, &envelope);
}

static bool is_stopping(LinkClient *link) {
        pthread_mutex_lock(&link->lock);
        bool stopping = link->stopping;
        pthread_mutex_unlock(&link->lock);
        return stopping;
}

static bool read_session(LinkClient *link, Channel *channel, Error **err) {
        int silence_ms = link->welcome.heartbeat_ms * MISSED_HEARTBEATS;
        bool goodbye = false;

        while (!goodbye && !is_stopping(link)) {
                Ghost__Envelope *envelope = NULL;
                if (!session_receive(&link->spec, channel, silence_ms, &envelope, err))
                        return false;
                if (!envelope)
                        return error_set(
                                err, ERROR_TIMEOUT, "the controller has been silent for %d ms", silence_ms);
                atomic_store(&link->heard, true);
                if (!handle(link, envelope, &goodbye))
                        ghost__envelope__free_unpacked(envelope, NULL);
                ask_for_renewal(link);
        }
        return true;
}

static void publish(LinkClient *link, Channel *channel, const SessionWelcome *welcome) {
        task_journal_rewind(link->spec.journal);
        pthread_mutex_lock(&link->lock);
        link->channel = channel;
        link->welcome = *welcome;
        link->heartbeat_at = deadline_after_ms(welcome->heartbeat_ms);
        link->report_due = true;
        link->work = true;
        link->renewal_asked = false;
        pthread_cond_broadcast(&link->changed);
        pthread_mutex_unlock(&link->lock);
}

static void withdraw(LinkClient *link, Channel *channel) {
        link->spec.driver->shut(channel);
        pthread_mutex_lock(&link->lock);
        link->channel = NULL;
        for (Pending *pending = link->pending; pending; pending = pending->next)
                pending->lost = true;
        pthread_cond_broadcast(&link->changed);
        while (link->users > 0)
                pthread_cond_wait(&link->changed, &link->lock);
        pthread_mutex_unlock(&link->lock);
}

static Attempt attempt_on(LinkClient *link, Channel *channel, Error **err) {
        SessionStart start = SESSION_OPEN;
        SessionWelcome welcome = { 0 };

        if (!session_start(&link->spec, channel, link->boot_id, &start, &welcome, err))
                return ATTEMPT_FAILED;
        if (start == SESSION_REFUSED)
                return welcome.refusal_is_final ? ATTEMPT_REFUSED : ATTEMPT_FAILED;
        if (start == SESSION_ENROLLED) {
                log_info("enrolled as agent %s", link->spec.identity->agent_id);
                return ATTEMPT_ENROLLED;
        }
        log_info("linked to %s", link->spec.bootstrap->controller);
        Deadline lived = deadline_after_ms(LIVED_MS);
        publish(link, channel, &welcome);
        read_session(link, channel, err);
        withdraw(link, channel);
        return deadline_passed(lived) ? ATTEMPT_LIVED : ATTEMPT_SHORT;
}

static Attempt attempt(LinkClient *link, Error **err) {
        const Bootstrap *bootstrap = link->spec.bootstrap;
        const Identity *identity = link->spec.identity;
        bool known = identity_usable(identity);
        const ChannelTarget target = {
                .address = bootstrap->controller,
                .server_name = bootstrap->server_name ? bootstrap->server_name : "ghost-controller",
                .ca = bootstrap->ca,
                .certificate = known ? identity->certificate : NULL,
                .key = known ? identity->key : NULL,
                .timeout_ms = DIAL_TIMEOUT_MS,
        };
        Channel *channel = link->spec.driver->open(&target, err);
        if (!channel)
                return ATTEMPT_FAILED;

        Attempt result = attempt_on(link, channel, err);
        link->spec.driver->free(channel);
        return result;
}

static void wait_before_next(LinkClient *link, int64_t most_ms) {
        Deadline deadline = deadline_after_ms(back_off_jitter_ms(most_ms));

        pthread_mutex_lock(&link->lock);
        while (!link->stopping && !deadline_passed(deadline))
                wait_until(link, deadline);
        pthread_mutex_unlock(&link->lock);
}

static void say_retry(const Error *problem, int64_t most_ms) {
        log_warn(
                "%s, trying again within %lld ms",
                problem ? error_message(problem) : "the controller closed the link", (long long) most_ms);
}

static void *reader_main(void *argument) {
        LinkClient *link = argument;
        BackOff back_off = { .refused_ms = link->spec.refused_wait_ms };

        pthread_setname_np(pthread_self(), "link");
        while (!is_stopping(link)) {
                CLEANUP(error_free) Error *problem = NULL;
                Attempt result = attempt(link, &problem);
                say_alive(link);
                int64_t most_ms = back_off_next_ms(&back_off, result);
                if (most_ms == 0)
                        continue;
                if (!is_stopping(link))
                        say_retry(problem, most_ms);
                wait_before_next(link, most_ms);
        }
        return NULL;
}

/* ---- life
 * ------------------------------------------------------------------------------------------------------- */

LinkClient *link_client_new(const LinkClientSpec *spec) {
        LinkClient *link = xcalloc(1, sizeof(*link));
        pthread_condattr_t attributes;

        link->spec = *spec;
        link->boot_id = crypto_new_id();
        link->next_id = 1;
        pthread_mutex_init(&link->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&link->changed, &attributes);
        pthread_condattr_destroy(&attributes);
        return link;
}

void link_client_start(LinkClient *link) {
        link->started = true;
        int problem = pthread_create(&link->reader, NULL, reader_main, link);
        problem = problem ? problem : pthread_create(&link->sender, NULL, sender_main, link);
        if (problem) {
                log_error("no thread for the link: %s", strerror(problem));
                abort(); /* as out of memory */
        }
}

static void say_goodbye(LinkClient *link) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__Shutdown goodbye = GHOST__SHUTDOWN__INIT;

        goodbye.reason = (char *) "the agent stops";
        envelope.body_case = GHOST__ENVELOPE__BODY_SHUTDOWN;
        envelope.shutdown = &goodbye;
        send_or_drop(link, &envelope);
}

void link_client_stop(LinkClient *link) {
        say_goodbye(link);
        pthread_mutex_lock(&link->lock);
        link->stopping = true;
        if (link->channel)
                link->spec.driver->shut(link->channel);
        pthread_cond_broadcast(&link->changed);
        pthread_mutex_unlock(&link->lock);
        pthread_join(link->reader, NULL);
        pthread_join(link->sender, NULL);
}

void link_client_free(LinkClient *link) {
        if (!link)
                return;
        pthread_mutex_destroy(&link->lock);
        pthread_cond_destroy(&link->changed);
        free(link->boot_id);
        free(link);
}
