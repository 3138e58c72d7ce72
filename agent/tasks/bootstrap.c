/* Bootstrap: a new instance gets its host name, pre_bootstrap, every module in order, post_bootstrap. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "tasks/modules.h"
#include "tasks/tasks.h"

/* Within another root (a sandbox) the machine's own name is not ours to set. */
static bool owns_the_machine(const Task *task) {
        struct stat here, first;

        return task->services->root[0] == '\0' && geteuid() == 0 && stat("/", &here) == 0 &&
               stat("/proc/1/root/.", &first) == 0 && here.st_dev == first.st_dev &&
               here.st_ino == first.st_ino;
}

static bool name_allowed(const char *name, Error **err) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

        return (strlen(name) <= 64 && name[0] != '-' && name[0] != '.' &&
                strspn(name, letters) == strlen(name)) ||
               error_set(err, ERROR_INVALID, "'%.80s' is not a host name", name);
}

static bool add_to_hosts(const Task *task, const char *name, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/etc/hosts", task->services->root);
        CLEANUP(free) char *line = xasprintf("%s %s\n", task->services->private_ip, name), *hosts = NULL;
        CLEANUP(error_free) Error *ignored = NULL;
        size_t length = 0;

        if (task->services->private_ip[0] == '\0')
                return true;
        if (file_read(path, 1 << 20, &hosts, &length, &ignored) && strstr(hosts, line))
                return true;
        CLEANUP(text_clear) Text text = { 0 };
        text_append_bytes(&text, hosts ? hosts : "", length);
        if (hosts && length > 0 && hosts[length - 1] != '\n')
                text_append(&text, "\n");
        text_append(&text, line);
        return file_write_atomic(path, text.data, text.length, 0644, err);
}

static bool set_host_name(Task *task, const char *name, Error **err) {
        CLEANUP(free) char *folder = xasprintf("%s/etc", task->services->root);
        CLEANUP(free) char *path = xasprintf("%s/hostname", folder), *line = xasprintf("%s\n", name);

        if (name[0] == '\0')
                return true;
        if (!name_allowed(name, err) || !file_make_folders(folder, 0755, err) ||
            !file_write_atomic(path, line, strlen(line), 0644, err) || !add_to_hosts(task, name, err))
                return error_prefix(err, "host name");
        if (owns_the_machine(task) && sethostname(name, strlen(name)) < 0)
                return error_set(err, ERROR_INTERNAL, "host name: %s", strerror(errno));
        spool_say(task->spool, "host name is %s", name);
        return true;
}

static bool run_script(Task *task, const Ghost__Script *script, const StringList *environment, Error **err) {
        if (!script)
                return true;
        const TaskHook hook = {
                .module = "",
                .name = script->name,
                .content = script->content,
                .environment = environment,
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .timeout_ms = script->timeout_ms,
        };
        return task_run_hook(task, &hook, err);
}

bool task_bootstrap(Task *task, const Ghost__Bootstrap *action, Error **err) {
        CLEANUP(string_list_clear) StringList environment = { 0 };

        task_stage(task, "bootstrap");
        task_environment(task, action->environment, action->n_environment, &environment);
        if (!task_journal_mark_begun(task->services->journal, task->order->task_id, err) ||
            !set_host_name(task, action->host_name, err) ||
            !run_script(task, action->pre_bootstrap, &environment, err))
                return false;
        for (size_t i = 0; i < action->n_modules; i++)
                if (!module_deploy(task, action->modules[i], err))
                        return false;
        if (!run_script(task, action->post_bootstrap, &environment, err))
                return false;
        if (task->services->on_bootstrapped)
                task->services->on_bootstrapped(task->services->context);
        return true;
}
