#include "agents/agent_events.h"

#include <stdlib.h>
#include <string.h>

#include "agents/instance_news.h"
#include "agents/instance_notice.h"
#include "agents/module_receipt.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "model/job.h"
#include "store/agent_store.h"
#include "store/instance_store.h"

enum { PACK_READ_MAX_BYTES = 1 << 20 };

static bool on_enrol(
        void *context, const Ghost__Enrol *enrol, const char *address, HubEnrolment *ret, Error **err) {
        AgentEvents *events = context;

        return enrolment_enrol(events->enrolment, enrol, address, ret, err);
}

static bool on_authenticate(void *context, const char *agent_id, const char *fingerprint, Error **err) {
        AgentEvents *events = context;

        return enrolment_authenticate(events->enrolment, agent_id, fingerprint, err);
}

static bool on_renew(void *context, const char *agent_id, const char *request, char **ret, Error **err) {
        AgentEvents *events = context;

        return enrolment_renew(events->enrolment, agent_id, request, ret, err);
}

/* Members of the agent's instance. What cannot be stored is said and goes on: the agent reports again. */
static void put_instance(AgentEvents *events, const char *agent_id, const Document *members) {
        CLEANUP(agent_clear) Agent agent = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!agent_store_get(events->store, agent_id, &agent, &why) ||
            !instance_store_put(events->store, agent.instance_id, members, &why))
                log_error("instance of agent %s: %s", agent_id, error_message(why));
}

static Document *facts_document(const Ghost__Facts *facts) {
        Document *document = document_object();

        document_set_string(document, "instance_type", facts->instance_type);
        document_set_string(document, "region", facts->region);
        document_set_string(document, "host_name", facts->host_name);
        document_set_string(document, "os", facts->os);
        document_set_string(document, "kernel", facts->kernel);
        document_set_string(document, "architecture", facts->architecture);
        return document;
}

static void on_connected(void *context, const Ghost__Hello *hello, const char *address) {
        AgentEvents *events = context;
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(free) char *now = clock_format_http(clock_now_us());

        document_set_bool(members, "connected", true);
        document_set_string(members, "agent_version", hello->agent_version);
        document_set_string(members, "address", address);
        document_set_string(members, "last_seen", now);
        if (hello->facts)
                document_set(members, "facts", facts_document(hello->facts));
        put_instance(events, hello->agent_id, members);
        log_info("agent %s connected from %s", hello->agent_id, address);
        task_board_on_agent_connected(events->tasks, hello->agent_id);
}

static void on_disconnected(void *context, const char *agent_id, const char *reason) {
        AgentEvents *events = context;
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(free) char *now = clock_format_http(clock_now_us());

        document_set_bool(members, "connected", false);
        document_set_string(members, "last_seen", now);
        put_instance(events, agent_id, members);
        log_info("agent %s is away: %s", agent_id, reason);
        task_board_on_change(events->tasks);
}

/* Both writes or none. */
static bool finish(Store *store, bool ok, Error **err) {
        if (ok)
                return store_commit(store, err);
        store_roll_back(store);
        return false;
}

/* Not one that its group gives up or takes out of service. */
static bool is_on_its_way(const Document *instance) {
        const char *state = document_get_string(instance, "state");

        return instance && !text_equal(state, "gone") && !text_equal(state, "terminating") &&
               !text_equal(state, "bootstrap_failed");
}

/* Told with every report until it is stored. */
static void take_notice(AgentEvents *events, const char *agent_id, const Ghost__Notice *notice) {
        CLEANUP(agent_clear) Agent agent = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!agent_store_get(events->store, agent_id, &agent, &why) ||
            !instance_notice_take(events->store, events->logs, agent.instance_id, notice, &why))
                log_error("notice of agent %s: %s", agent_id, error_message(why));
}

static bool keep_report(AgentEvents *events, const char *agent_id, const Ghost__Report *report, Error **err) {
        CLEANUP(agent_clear) Agent agent = { 0 };
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(free) char *now = clock_format_http(clock_now_us());

        if (!agent_store_get(events->store, agent_id, &agent, err) ||
            !instance_store_find(events->store, agent.instance_id, &instance, err))
                return false;
        document_set(
                members, "modules",
                module_receipt_keep(document_get(instance, "modules"), report->modules, report->n_modules));
        document_set_bool(members, "bootstrapped", report->bootstrapped);
        document_set_int(members, "disk_free_bytes", (int64_t) report->disk_free_bytes);
        document_set_string(members, "last_seen", now);
        if (report->bootstrapped && is_on_its_way(instance))
                document_set_string(members, "state", "ready");
        return instance_store_put(events->store, agent.instance_id, members, err);
}

static void on_report(void *context, const char *agent_id, const Ghost__Report *report) {
        AgentEvents *events = context;
        CLEANUP(error_free) Error *why = NULL;

        if (!store_begin(events->store, &why) ||
            !finish(events->store, keep_report(events, agent_id, report, &why), &why))
                log_error("report of agent %s: %s", agent_id, error_message(why));
        if (report->notice)
                take_notice(events, agent_id, report->notice);
        task_board_on_change(events->tasks);
}

/* After a restart of the controller agents are often back before the job that asked them: then the job's own
 * state decides. */
static bool job_goes_on(AgentEvents *events, const char *job_id, const char *app_id) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(error_free) Error *why = NULL;

        return collection_get(events->store, COLLECTION_JOBS, job_id, &job, &why) &&
               strcmp(document_get_string(job, "app_id"), app_id) == 0 &&
               strcmp(document_get_string(job, "status"), names_word(&job_status_names, JOB_STARTED)) == 0;
}

/* A bootstrap without a job: its log is the instance's own. */
static bool is_its_bootstrap(
        AgentEvents *events, const Agent *agent, const char *task_id, const char *log_id) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(error_free) Error *why = NULL;

        return instance_store_find(events->store, agent->instance_id, &instance, &why) && instance &&
               text_equal(document_get_string(instance, "_id"), log_id) &&
               text_equal(document_get_string(instance, "bootstrap_task"), task_id);
}

/* Whether the agent was given this task of this job. */
static bool is_its_task(AgentEvents *events, const Agent *agent, const char *task_id, const char *job_id) {
        CLEANUP(free) char *known_job = NULL;

        if (task_board_knows(events->tasks, task_id, agent->id, &known_job))
                return strcmp(known_job, job_id) == 0;
        return job_goes_on(events, job_id, agent->app_id) || is_its_bootstrap(events, agent, task_id, job_id);
}

static bool on_log_batch(
        void *context, const char *agent_id, const Ghost__LogBatch *batch, uint64_t *ret_next_line,
        Error **err) {
        AgentEvents *events = context;
        CLEANUP(agent_clear) Agent agent = { 0 };

        if (!agent_store_get(events->store, agent_id, &agent, err))
                return false;
        if (!is_its_task(events, &agent, batch->task_id, batch->job_id)) {
                /* Of a job that has ended: acknowledged, or the agent would keep and send it for ever. */
                log_warn(
                        "lines of agent %s for job %s dropped: not its running job", agent_id, batch->job_id);
                *ret_next_line = batch->first_line + batch->line_count;
                return true;
        }

        const JobLogBatch lines = {
                .job_id = batch->job_id,
                .task_id = batch->task_id,
                .instance_id = agent.instance_id,
                .first_line = batch->first_line,
                .line_count = batch->line_count,
                .lines = batch->lines.data,
                .length = batch->lines.len,
                .stream_bytes = batch->stream_bytes,
        };
        bool ok = job_logs_append_batch(events->logs, &lines, ret_next_line, err);
        task_board_on_change(events->tasks);
        return ok;
}

static void on_progress(void *context, const char *agent_id, const Ghost__TaskProgress *progress) {
        AgentEvents *events = context;

        task_board_on_progress(events->tasks, progress);
        if (events->tells_news)
                instance_news_progress(events->store, agent_id, progress);
}

/* What is acknowledged is shown: the receipt and what it says of the instance are stored together. */
static bool keep_receipt(
        AgentEvents *events, const Agent *agent, const Ghost__Receipt *receipt, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        size_t length = ghost__receipt__get_packed_size(receipt);
        CLEANUP(free) uint8_t *bytes = xcalloc(length + 1, 1);

        (void) ghost__receipt__pack(receipt, bytes);
        if (!receipt_store_put(
                    events->store, receipt->task_id, receipt->job_id, agent->id, bytes, length, err))
                return false;
        if (receipt->n_modules == 0)
                return true;
        if (!instance_store_find(events->store, agent->instance_id, &instance, err))
                return false;
        CLEANUP(document_free) Document *members = document_object();
        document_set(
                members, "modules",
                module_receipt_put(document_get(instance, "modules"), receipt, clock_now_us()));
        return instance_store_put(events->store, agent->instance_id, members, err);
}

static bool on_receipt(void *context, const char *agent_id, const Ghost__Receipt *receipt, Error **err) {
        AgentEvents *events = context;
        CLEANUP(agent_clear) Agent agent = { 0 };

        if (!agent_store_get(events->store, agent_id, &agent, err))
                return false;
        if (!is_its_task(events, &agent, receipt->task_id, receipt->job_id)) {
                log_warn(
                        "receipt of agent %s for job %s dropped: not its running job", agent_id,
                        receipt->job_id);
                return true;
        }

        if (!store_begin(events->store, err) ||
            !finish(events->store, keep_receipt(events, &agent, receipt, err), err))
                return false;

        if (events->tells_news)
                instance_news_end(events->store, agent_id, receipt);
        task_board_on_receipt(events->tasks, receipt->task_id);
        return true;
}

/* An agent gets its own application's packages, nobody else's. */
static bool check_package(
        AgentEvents *events, const char *agent_id, const char *manifest_sha256, StoredManifest *ret,
        uint64_t *ret_pack_bytes, Error **err) {
        CLEANUP(agent_clear) Agent agent = { 0 };

        if (!agent_store_get(events->store, agent_id, &agent, err) ||
            !package_store_get_manifest(events->packages, manifest_sha256, ret, err))
                return false;

        Ghost__Manifest *manifest = ghost__manifest__unpack(NULL, ret->manifest_length, ret->manifest);
        bool own = manifest && strcmp(manifest->app_id, agent.app_id) == 0;
        *ret_pack_bytes = manifest ? manifest->pack_bytes : 0;
        if (manifest)
                ghost__manifest__free_unpacked(manifest, NULL);
        return own ||
               error_set(err, ERROR_FORBIDDEN, "package %s is not of this application", manifest_sha256);
}

/* Without a URL the pack comes over the link: slower, but it comes. */
static void add_pack_url(AgentEvents *events, const char *manifest_sha256, HubManifest *manifest) {
        CLEANUP(error_free) Error *why = NULL;

        if (!package_store_presign(
                    events->packages, manifest_sha256, events->pack_urls.lifetime_s, &manifest->pack_url,
                    &manifest->pack_url_expires_us, &why))
                log_warn("no URL for package %.12s: %s", manifest_sha256, error_message(why));
}

static bool on_manifest(
        void *context, const char *agent_id, const char *manifest_sha256, HubManifest *ret, Error **err) {
        AgentEvents *events = context;
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };
        uint64_t pack_bytes = 0;

        if (!check_package(events, agent_id, manifest_sha256, &stored, &pack_bytes, err))
                return false;
        if (stored.signature_length != ED25519_SIGNATURE_BYTES)
                return error_set(
                        err, ERROR_INTERNAL, "package %s is damaged: its signature", manifest_sha256);
        memcpy(ret->signature, stored.signature, ED25519_SIGNATURE_BYTES);
        ret->length = stored.manifest_length;
        ret->bytes = TAKE(stored.manifest);
        if (events->pack_urls.offered && pack_bytes >= events->pack_urls.min_bytes)
                add_pack_url(events, manifest_sha256, ret);
        return true;
}

static bool on_pack(
        void *context, const char *agent_id, const Ghost__PackRequest *request, uint64_t length,
        uint8_t **ret, size_t *ret_length, Error **err) {
        AgentEvents *events = context;
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };
        size_t wanted = length < PACK_READ_MAX_BYTES ? (size_t) length : PACK_READ_MAX_BYTES;
        uint64_t pack_bytes = 0;

        if (!check_package(events, agent_id, request->manifest_sha256, &stored, &pack_bytes, err))
                return false;

        CLEANUP(free) uint8_t *bytes = xcalloc(wanted + 1, 1);
        if (!package_store_read(
                    events->packages, request->manifest_sha256, request->offset, bytes, wanted, ret_length,
                    err))
                return false;
        *ret = TAKE(bytes);
        return true;
}

HubEvents agent_events_for_hub(AgentEvents *events) {
        return (HubEvents){
                .context = events,
                .enrol = on_enrol,
                .authenticate = on_authenticate,
                .renew = on_renew,
                .connected = on_connected,
                .disconnected = on_disconnected,
                .report = on_report,
                .log_batch = on_log_batch,
                .progress = on_progress,
                .receipt = on_receipt,
                .manifest = on_manifest,
                .pack = on_pack,
        };
}
