#include "jobs/steps/script_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "jobs/steps/module_environment.h"
#include "jobs/steps/order_variables.h"

static const char *const shebangs[] = { "#!/bin/bash", "#! /bin/bash", "#!/bin/sh", "#! /bin/sh" };

void script_order_clear(ScriptOrder *script) {
        free(script->content);
        *script = (ScriptOrder){ 0 };
}

static bool decode(const char *encoded, ScriptOrder *ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        if (!*encoded)
                return error_set(err, ERROR_INVALID, "No valid script provided");
        if (!base64_decode(encoded, &ret->content, &ret->length, &why))
                return error_set(err, ERROR_INVALID, "No valid script provided (%s)", error_message(why));
        if (ret->length == 0 || memchr(ret->content, '\0', ret->length))
                return error_set(err, ERROR_INVALID, "No valid script provided");
        for (size_t i = 0; i < sizeof(shebangs) / sizeof(shebangs[0]); i++)
                if (ret->length >= strlen(shebangs[i]) &&
                    memcmp(ret->content, shebangs[i], strlen(shebangs[i])) == 0)
                        return true;
        return error_set(err, ERROR_INVALID, "No valid shell script provided (shebang missing)");
}

bool script_order_read(JobContext *job, const JobOptions *options, ScriptOrder *ret, Error **err) {
        *ret = (ScriptOrder){ .user = options->user,
                              .timeout_ms = options->deadline_s > 0 ? options->deadline_s * 1000
                                                                    : job->services->limits.task_timeout_ms };
        if (!decode(options->script, ret, err))
                return false;
        if (!*options->module)
                return true;
        ret->module = module_find(job->app, options->module);
        return ret->module ||
               error_set(err, ERROR_NOT_FOUND, "the application has no module '%.128s'", options->module);
}

void script_order_start(
        JobContext *job, const ScriptOrder *script, const FleetTarget *target, const char *step,
        AgentTask *ret) {
        CLEANUP(string_list_clear) StringList environment = { 0 };
        Ghost__Script content = GHOST__SCRIPT__INIT;
        Ghost__RunScript run = GHOST__RUN_SCRIPT__INIT;
        Ghost__Order order = GHOST__ORDER__INIT;

        module_environment(
                job->app, script->module, NULL, document_get_string(job->job, "user"), &environment);
        CLEANUP(order_variables_clear) OrderVariables variables = order_variables_from(&environment);
        content.name = (char *) SCRIPT_NAME;
        content.content = (ProtobufCBinaryData){ script->length, (uint8_t *) script->content };
        content.timeout_ms = (uint32_t) (script->timeout_ms > UINT32_MAX ? UINT32_MAX : script->timeout_ms);
        run.script = &content;
        run.n_environment = variables.count;
        run.environment = variables.pointers;
        run.folder = (char *) (script->module ? document_get_string(script->module, "path") : SCRIPT_FOLDER);
        run.uid = script->module ? (uint32_t) document_get_int(script->module, "uid") : 0;
        run.gid = script->module ? (uint32_t) document_get_int(script->module, "gid") : 0;
        run.user = (char *) script->user;
        order.action_case = GHOST__ORDER__ACTION_RUN_SCRIPT;
        order.run_script = &run;
        agent_task_start(
                job,
                &(AgentTaskSpec){ .agent_id = target->agent_id,
                                  .instance_id = target->instance_id,
                                  .step = step,
                                  .order = &order,
                                  .timeout_ms = script->timeout_ms },
                ret);
}
