#include "jobs/steps/job_ec2.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "jobs/steps/agent_task.h"
#include "jobs/steps/app_environment.h"
#include "jobs/steps/bootstrap_order.h"
#include "jobs/steps/order_variables.h"
#include "store/agent_store.h"
#include "store/aws_place_store.h"
#include "store/instance_store.h"

/* ---- the application ---- */

static void read_strings(const Document *list, StringList *ret) {
        for (size_t i = 0; i < document_count(list); i++) {
                const char *value = document_value(document_at(list, i));

                if (!text_empty(value))
                        string_list_add(ret, value);
        }
}

void job_ec2_read_tags(const Document *app, Ec2Tags *ret) {
        const Document *list = document_get(app, "environment_infos.instance_tags");

        for (size_t i = 0; i < document_count(list); i++) {
                const Document *tag = document_at(list, i);
                const char *name = document_get_string(tag, "tag_name");

                if (!text_empty(name))
                        ec2_tags_add(ret, name, document_get_string(tag, "tag_value"));
        }
}

static void add_volumes(const Document *list, bool on_builder, JobEc2 *ec2) {
        for (size_t i = 0; i < document_count(list); i++) {
                const Document *volume = document_at(list, i);

                if (document_get_bool(volume, "launch_block_device_mappings") != on_builder)
                        continue;
                ec2->volumes[ec2->app.volume_count++] = (Ec2BlockDevice){
                        .name = document_get_string(volume, "device_name"),
                        .type = document_get_string(volume, "volume_type"),
                        .size_gib = document_get_int(volume, "volume_size"),
                        .iops = document_get_int(volume, "iops"),
                };
        }
}

static void read_volumes(const Document *list, JobEc2 *ec2) {
        size_t count = document_count(list);

        ec2->volumes = xcalloc(count + 1, sizeof(*ec2->volumes));
        add_volumes(list, true, ec2);
        ec2->builder_volume_count = ec2->app.volume_count;
        add_volumes(list, false, ec2);
        ec2->app.volumes = ec2->volumes;
}

static void read_app(JobEc2 *ec2) {
        const Document *app = ec2->job->app, *infos = document_get(app, "environment_infos");
        const Document *public_ip = document_get(infos, "public_ip_address");

        read_strings(document_get(infos, "security_groups"), &ec2->security_groups);
        read_strings(document_get(infos, "subnet_ids"), &ec2->subnet_ids);
        job_ec2_read_tags(app, &ec2->instance_tags);
        ec2->app = (Ec2App){
                .id = ec2->job->app_id,
                .name = document_get_string(app, "name"),
                .env = document_get_string(app, "env"),
                .role = document_get_string(app, "role"),
                .color = document_get_string(app, "blue_green.color"),
                .region = document_get_string(app, "region"),
                .image_id = document_get_string(app, "ami"),
                .instance_type = document_get_string(app, "instance_type"),
                .key_name = document_get_string(infos, "key_name"),
                .instance_profile = document_get_string(infos, "instance_profile"),
                .security_groups = &ec2->security_groups,
                .subnet_ids = &ec2->subnet_ids,
                .public_ip = !public_ip || document_is_true(public_ip),
                .monitoring = document_get_bool(app, "instance_monitoring"),
                .root_device_name = document_get_string(infos, "root_block_device.name"),
                .root_device_gib = document_get_int(infos, "root_block_device.size"),
                .instance_tags = &ec2->instance_tags,
        };
        read_volumes(document_get(infos, "optional_volumes"), ec2);
}

bool job_ec2_hook(const JobEc2 *ec2, const char *name, char **ret, Error **err) {
        return app_hook_read(ec2->job->app, name, ret, err);
}

/* ---- the job ---- */

static bool remember(void *context, const char *step, const char *value, Error **err) {
        JobEc2 *ec2 = context;

        return job_remember(ec2->job, step, value, err);
}

static bool recall(void *context, const char *step, char **ret, Error **err) {
        JobEc2 *ec2 = context;

        return job_recall(ec2->job, step, ret, err);
}

static void log_line(void *context, const char *line) {
        JobEc2 *ec2 = context;

        job_log(ec2->job, "%s", line);
}

static bool should_stop(void *context) {
        JobEc2 *ec2 = context;

        return job_should_stop(ec2->job);
}

static bool interrupted(void *context) {
        JobEc2 *ec2 = context;

        return job_interrupted(ec2->job);
}

static void extend(void *context, int64_t duration_ms) {
        JobEc2 *ec2 = context;
        Deadline deadline = deadline_after_ms(duration_ms);

        if (deadline > ec2->job->deadline)
                ec2->session.deadline = ec2->job->deadline = deadline;
}

static bool make_join_info(void *context, const char *purpose, JoinInfo *ret, Error **err) {
        JobEc2 *ec2 = context;
        const JobServices *services = ec2->job->services;

        return services->make_join_info(services->context, ec2->job->app_id, ec2->job->id, purpose, ret, err);
}

static bool wait_agent(
        void *context, const char *instance_id, Deadline deadline, char **ret_agent_id, Error **err) {
        JobEc2 *ec2 = context;

        return agent_task_wait_agent(ec2->job, instance_id, deadline, ret_agent_id, err);
}

/* ---- orders ---- */

static bool run_script(void *context, const char *agent_id, const AgentScript *script, Error **err) {
        JobEc2 *ec2 = context;
        int64_t timeout_ms =
                script->timeout_ms ? script->timeout_ms : ec2->job->services->limits.task_timeout_ms;
        CLEANUP(order_variables_clear) OrderVariables variables = order_variables_from(script->environment);
        Ghost__Script content = GHOST__SCRIPT__INIT;
        Ghost__RunScript run = GHOST__RUN_SCRIPT__INIT;
        Ghost__Order order = GHOST__ORDER__INIT;

        content.name = (char *) script->name;
        content.content = (ProtobufCBinaryData){ script->length, (uint8_t *) script->content };
        content.timeout_ms = (uint32_t) (timeout_ms > UINT32_MAX ? UINT32_MAX : timeout_ms);
        run.script = &content;
        run.n_environment = variables.count;
        run.environment = variables.pointers;
        order.action_case = GHOST__ORDER__ACTION_RUN_SCRIPT;
        order.run_script = &run;
        return agent_task_run(
                ec2->job,
                &(AgentTaskSpec){ .agent_id = agent_id,
                                  .step = script->task,
                                  .order = &order,
                                  .timeout_ms = timeout_ms },
                err);
}

static bool clean_image(void *context, const char *agent_id, Error **err) {
        JobEc2 *ec2 = context;
        Ghost__CleanImage clean = GHOST__CLEAN_IMAGE__INIT;
        Ghost__Order order = GHOST__ORDER__INIT;

        order.action_case = GHOST__ORDER__ACTION_CLEAN_IMAGE;
        order.clean_image = &clean;
        return agent_task_run(
                ec2->job, &(AgentTaskSpec){ .agent_id = agent_id, .step = "clean_image", .order = &order },
                err);
}

static bool find_instance(Store *store, const char *agent_id, Document **ret, Error **err) {
        CLEANUP(agent_clear) Agent agent = { 0 };

        return agent_store_get(store, agent_id, &agent, err) &&
               instance_store_find(store, agent.instance_id, ret, err);
}

static bool bootstrap(void *context, const char *agent_id, Error **err) {
        JobEc2 *ec2 = context;
        const JobServices *services = ec2->job->services;
        CLEANUP(document_free) Document *instance = NULL;

        if (!find_instance(services->store, agent_id, &instance, err))
                return false;
        const BootstrapOrderSpec spec = { .store = services->store,
                                          .app = ec2->job->app,
                                          .app_id = ec2->job->app_id,
                                          .private_ip = document_get_string(instance, "private_ip"),
                                          .keep_releases = services->limits.keep_releases,
                                          .hook_timeout_ms = services->limits.hook_timeout_ms };
        CLEANUP(bootstrap_order_clear) BootstrapOrder bootstrap = { 0 };

        return bootstrap_order_build(&spec, &bootstrap, err) &&
               agent_task_run(
                       ec2->job,
                       &(AgentTaskSpec){
                               .agent_id = agent_id, .step = "bootstrap", .order = &bootstrap.order },
                       err);
}

static bool known(void *context, StringList *ret, Error **err) {
        const JobEc2 *ec2 = context;
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        document_set_string(where, "app_id", ec2->app.id);
        if (!collection_find(ec2->job->services->store, COLLECTION_INSTANCES, where, &found, err))
                return false;
        for (size_t i = 0; i < document_count(found); i++) {
                const Document *instance = document_at(found, i);

                if (!text_equal(document_get_string(instance, "state"), "gone") &&
                    !text_equal(document_get_string(instance, "purpose"), "bake"))
                        string_list_add(ret, document_get_string(instance, "instance_id"));
        }
        return true;
}

/* One whose agent never came is known from now on. */
static bool failed(void *context, const char *instance_id, const char *reason, Error **err) {
        const JobEc2 *ec2 = context;
        Store *store = ec2->job->services->store;
        CLEANUP(document_free) Document *known = NULL;
        CLEANUP(document_free) Document *members = document_object();

        if (!instance_store_find(store, instance_id, &known, err))
                return false;
        document_set_string(members, "state", "bootstrap_failed");
        document_set_string(members, "reason", reason);
        if (!known) {
                document_set_string(members, "app_id", ec2->job->app_id);
                document_set_string(members, "job_id", ec2->job->id);
                document_set_string(members, "purpose", "instance");
                document_set_string(members, "agent_id", "");
                document_set_string(members, "private_ip", "");
                document_set_string(members, "last_seen", "");
                document_set_bool(members, "connected", false);
                document_set_bool(members, "bootstrapped", false);
                document_set(members, "modules", document_array());
        }
        return instance_store_put(store, instance_id, members, err);
}

static bool gone(void *context, const char *instance_id, Error **err) {
        JobEc2 *ec2 = context;

        return instance_store_set_gone(ec2->job->services->store, instance_id, err);
}

/* Before the first call: whatever becomes of the job, the janitor then looks there. */
static void note_place(const JobEc2 *ec2) {
        const AwsRole role = ec2->session.role ? *ec2->session.role : (AwsRole){ 0 };
        const AwsPlaceRow place = { .region = (char *) ec2->session.region,
                                    .account_id = (char *) role.account_id,
                                    .role_name = (char *) role.name,
                                    .external_id = (char *) role.external_id,
                                    .role_region = (char *) role.region };
        CLEANUP(error_free) Error *error = NULL;

        if (!aws_place_store_note(ec2->job->services->store, &place, &error))
                log_error("the place of job %s could not be noted: %s", ec2->job->id, error_message(error));
}

void job_ec2_init(JobEc2 *ec2, JobContext *job) {
        *ec2 = (JobEc2){ .job = job };
        read_app(ec2);
        app_environment_read(job->app, &ec2->environment);
        app_place_read(job->app, &ec2->place);
        ec2->session = (AwsSession){ .aws = job->services->aws,
                                     .region = ec2->place.region,
                                     .role = app_place_role(&ec2->place),
                                     .deadline = job->deadline,
                                     .cancelled = should_stop,
                                     .context = ec2 };
        ec2->work = (Ec2Work){ .context = ec2,
                               .session = &ec2->session,
                               .job_id = job->id,
                               .boot_timeout_ms = job->services->limits.boot_timeout_ms,
                               .stop_patience_ms = job->services->limits.stop_patience_ms,
                               .image_stall_ms = job->services->limits.image_stall_ms,
                               .log = log_line,
                               .remember = remember,
                               .recall = recall,
                               .extend = extend,
                               .interrupted = interrupted,
                               .make_join_info = make_join_info,
                               .wait_agent = wait_agent,
                               .run_script = run_script,
                               .clean_image = clean_image,
                               .bootstrap = bootstrap,
                               .known = known,
                               .failed = failed,
                               .gone = gone };
        note_place(ec2);
}

void job_ec2_clear(JobEc2 *ec2) {
        string_list_clear(&ec2->security_groups);
        string_list_clear(&ec2->subnet_ids);
        string_list_clear(&ec2->environment);
        ec2_tags_clear(&ec2->instance_tags);
        free(ec2->volumes);
}
