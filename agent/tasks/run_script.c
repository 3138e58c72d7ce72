/* Runs one script of the controller's: image building, executescript. */
#include "base/memory.h"
#include "tasks/script_user.h"
#include "tasks/tasks.h"

bool task_run_script(Task *task, const Ghost__RunScript *action, Error **err) {
        CLEANUP(string_list_clear) StringList environment = { 0 };
        uint32_t uid = action->uid, gid = action->gid;

        if (!action->script || action->script->content.len == 0)
                return error_set(err, ERROR_INVALID, "there is no script to run");
        if (action->user[0] && !script_user_find(task->services->root, action->user, &uid, &gid, err))
                return false;
        task_environment(task, action->environment, action->n_environment, &environment);

        CLEANUP(free)
        char *folder = action->folder[0] ? xasprintf("%s%s", task->services->root, action->folder) : NULL;
        const TaskHook hook = {
                .module = "",
                .name = action->script->name,
                .content = action->script->content,
                .folder = folder,
                .environment = &environment,
                .uid = uid,
                .gid = gid,
                .timeout_ms = action->script->timeout_ms,
        };
        return task_journal_mark_begun(task->services->journal, task->order->task_id, err) &&
               task_run_hook(task, &hook, err);
}
