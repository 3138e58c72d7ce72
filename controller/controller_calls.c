#include "controller_calls.h"

#include <stdlib.h>

#include "api/api.h"
#include "api/change_stream.h"
#include "base/log.h"
#include "base/memory.h"
#include "controller_parts.h"

static bool link_connected(void *context, const char *agent_id) {
        Controller *controller = context;

        return controller->hub && hub_agent_connected(controller->hub, agent_id);
}

static bool link_send_task(void *context, const char *agent_id, const Ghost__Task *task) {
        Controller *controller = context;

        return controller->hub && hub_send_task(controller->hub, agent_id, task);
}

static void link_send_cancel(void *context, const char *agent_id, const char *task_id) {
        Controller *controller = context;

        if (controller->hub)
                (void) hub_send_cancel(controller->hub, agent_id, task_id);
}

static bool make_join_info(
        void *context, const char *app_id, const char *job_id, const char *purpose, JoinInfo *ret,
        Error **err) {
        Controller *controller = context;

        return enrolment_make_join_info(&controller->enrolment, app_id, job_id, purpose, ret, err);
}

void controller_wake_topic(void *context, const char *topic) {
        Controller *controller = context;
        Server *server = controller->server;

        if (server)
                server_wake_streams(server, topic);
}

void controller_wake_changes(void *context) {
        controller_wake_topic(context, CHANGE_STREAM_TOPIC);
}

void controller_wake_log(void *context, const char *job_id) {
        CLEANUP(free) char *topic = api_log_topic(job_id);

        controller_wake_topic(context, topic);
}

static void job_changed(void *context, const char *job_id) {
        Controller *controller = context;

        controller_wake_log(context, job_id);
        if (controller->notifier)
                notifier_wake(controller->notifier);
}

static void job_waits(void *context, bool waits) {
        job_queue_set_waiting(((Controller *) context)->queue, waits);
}

static void wake_jobs(void *context) {
        Controller *controller = context;

        job_queue_wake(controller->queue);
}

static void stop_job(void *context, const char *job_id) {
        Controller *controller = context;
        CLEANUP(error_free) Error *why = NULL;
        JobStatus status;

        if (!job_queue_cancel(controller->queue, job_id, &status, &why))
                log_debug("stop of job %s: %s", job_id, error_message(why));
}

static size_t count_agents(void *context) {
        Controller *controller = context;

        return controller->hub ? hub_connected_count(controller->hub) : 0;
}

/* ---- what is counted and measured ---- */

static void count_job(void *context, const char *command, const char *status, int64_t duration_ms) {
        metrics_job_ended(((Controller *) context)->metrics, command, status, duration_ms);
}

static char *describe_metrics(void *context) {
        const Controller *controller = context;
        const MeasureSources sources = { .settings = controller->settings,
                                         .store = controller->store,
                                         .logs = controller->logs,
                                         .janitor = controller->janitor,
                                         .hub = controller->hub,
                                         .identity = controller->identity };

        return measures_text(controller->metrics, &sources);
}

static Document *describe_janitor(void *context) {
        Controller *controller = context;

        return controller->janitor ? janitor_describe(controller->janitor) : document_object();
}

static Document *describe_group_troubles(void *context) {
        Controller *controller = context;

        return controller->group_watcher ? group_watcher_describe_troubles(controller->group_watcher) : NULL;
}

static Document *describe_enrolment_troubles(void *context) {
        Controller *controller = context;

        return controller->admission ? admission_describe_troubles(controller->admission) : NULL;
}

/* ---- what is given to whom ---- */

AgentLink controller_agent_link(Controller *controller) {
        return (AgentLink){
                .connected = link_connected,
                .send_task = link_send_task,
                .send_cancel = link_send_cancel,
                .context = controller,
        };
}

void controller_job_calls(Controller *controller, JobServices *ret) {
        ret->make_join_info = make_join_info;
        ret->on_job_changed = job_changed;
        ret->on_job_waits = job_waits;
        ret->on_job_ended = count_job;
        ret->context = controller;
}

void controller_api_calls(Controller *controller, Services *ret) {
        ret->context = controller;
        ret->wake_jobs = wake_jobs;
        ret->stop_job = stop_job;
        ret->wake_log = job_changed;
        ret->count_agents = count_agents;
        ret->describe_janitor = describe_janitor;
        ret->describe_group_troubles = describe_group_troubles;
        ret->describe_enrolment_troubles = describe_enrolment_troubles;
        ret->describe_metrics = describe_metrics;
}
