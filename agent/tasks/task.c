#include "tasks/task.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "run/hook.h"

enum { DEFAULT_HOOK_TIMEOUT_MS = 30 * 60 * 1000 };

bool task_check(const Task *task, Error **err) {
        if (atomic_load(task->cancelled))
                return error_set(err, ERROR_CANCELLED, "cancelled");
        if (deadline_passed(task->deadline))
                return error_set(
                        err, ERROR_TIMEOUT, "the task ran longer than %u s", task->order->timeout_ms / 1000);
        return true;
}

void task_stage(const Task *task, const char *stage) {
        const TaskServices *services = task->services;

        if (services->on_progress)
                services->on_progress(services->context, task->order->task_id, stage, 0, 0);
}

void task_touches(Task *task, const char *module) {
        if (!string_list_contains(&task->modules, module))
                string_list_add(&task->modules, module);
}

static void note_run(Task *task, const TaskHook *hook, int32_t exit_code, uint32_t duration_ms) {
        task->hooks = xrealloc(task->hooks, (task->hook_count + 1) * sizeof(*task->hooks));
        task->hooks[task->hook_count++] = (TaskHookRun){
                .module = xstrdup(hook->module),
                .hook = xstrdup(hook->name),
                .exit_code = exit_code,
                .duration_ms = duration_ms,
        };
}

void task_note_health(Task *task, const TaskHealthRun *run) {
        task->health = xrealloc(task->health, (task->health_count + 1) * sizeof(*task->health));
        TaskHealthRun *noted = &task->health[task->health_count++];
        *noted = *run;
        noted->module = xstrdup(run->module);
        noted->kind = xstrdup(run->kind);
        noted->message = xstrdup(run->message);
}

void task_clear(Task *task) {
        for (size_t i = 0; i < task->hook_count; i++) {
                free(task->hooks[i].module);
                free(task->hooks[i].hook);
        }
        for (size_t i = 0; i < task->health_count; i++) {
                free(task->health[i].module);
                free(task->health[i].kind);
                free(task->health[i].message);
        }
        free(task->hooks);
        free(task->health);
        string_list_clear(&task->modules);
}

bool task_run_hook(Task *task, const TaskHook *hook, Error **err) {
        int64_t timeout_ms = hook->timeout_ms ? hook->timeout_ms : DEFAULT_HOOK_TIMEOUT_MS;
        Deadline deadline = deadline_after_ms(timeout_ms);
        int32_t exit_code = -1;
        uint32_t duration_ms = 0;

        if (hook->content.len == 0)
                return true;
        if (!hook->to_the_end && !task_check(task, err))
                return false;
        if (hook->name[0] == '\0' || hook->name[0] == '.' || strchr(hook->name, '/'))
                return error_set(err, ERROR_INVALID, "script name '%.64s' cannot name a file", hook->name);

        const HookSpec spec = {
                .name = hook->name,
                .content = hook->content.data,
                .content_length = hook->content.len,
                .scratch = task->services->scratch,
                .folder = hook->folder,
                .environment = hook->environment,
                .uid = geteuid() == 0 ? hook->uid : PROCESS_KEEP_ID,
                .gid = geteuid() == 0 ? hook->gid : PROCESS_KEEP_ID,
                .deadline = hook->to_the_end ? deadline : deadline_earlier(deadline, task->deadline),
                .cancelled = hook->to_the_end ? NULL : task->cancelled,
                .spool = task->spool,
        };
        if (hook->quiet)
                return hook_run(&spec, &exit_code, &duration_ms, err);
        task_stage(task, hook->name);
        spool_say(task->spool, "%s%s%s begins", hook->module, hook->module[0] ? ": " : "", hook->name);
        bool ok = hook_run(&spec, &exit_code, &duration_ms, err);
        note_run(task, hook, exit_code, duration_ms);
        return ok;
}

static bool has_variable(const StringList *environment, const char *name) {
        size_t length = strlen(name);

        for (size_t i = 0; i < environment->count; i++)
                if (strncmp(environment->items[i], name, length) == 0 && environment->items[i][length] == '=')
                        return true;
        return false;
}

void task_environment_default(StringList *environment, const char *name, const char *value) {
        if (!has_variable(environment, name))
                string_list_addf(environment, "%s=%s", name, value);
}

void task_environment(const Task *task, Ghost__Variable *const *variables, size_t count, StringList *ret) {
        for (size_t i = 0; i < count; i++)
                if (hook_variable_valid(variables[i]->name) && !has_variable(ret, variables[i]->name))
                        string_list_addf(ret, "%s=%s", variables[i]->name, variables[i]->value);
        task_environment_default(ret, "GHOST_INSTANCE_ID", task->services->instance_id);
        task_environment_default(ret, "GHOST_INSTANCE_IP", task->services->private_ip);
        if (task->services->root[0])
                task_environment_default(ret, "GHOST_ROOT_DIR", task->services->root);
}
