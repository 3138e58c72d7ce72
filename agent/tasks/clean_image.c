/* Takes from the machine what makes it this machine, before an image is made of it. The agent's own identity
 * goes last, when the controller has acknowledged the receipt (agent.c). */
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "tasks/tasks.h"

static bool remove_path(const Task *task, const char *path, Error **err) {
        CLEANUP(free) char *victim = xasprintf("%s%s", task->services->root, path);

        return file_remove_tree(victim, err);
}

/* Each instance makes host keys of its own. */
static bool remove_host_keys(const Task *task, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/etc/ssh", task->services->root);
        DIR *folder = opendir(path);
        bool ok = true;

        for (struct dirent *entry; ok && folder && (entry = readdir(folder));) {
                CLEANUP(free) char *victim = xasprintf("%s/%s", path, entry->d_name);
                if (text_starts_with(entry->d_name, "ssh_host_") && strstr(entry->d_name, "_key"))
                        ok = file_remove_tree(victim, err);
        }
        if (folder)
                closedir(folder);
        return ok;
}

/* An empty machine-id, not an absent one, is what systemd fills at the first boot. */
static bool empty_machine_id(const Task *task, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/etc/machine-id", task->services->root);

        return !file_exists(path) || file_write_atomic(path, "", 0, 0444, err);
}

bool task_clean_image(Task *task, Error **err) {
        static const char *const paths[] = {
                "/etc/hostname",
                "/var/lib/dbus/machine-id",
                "/var/lib/cloud/instance",
                "/var/lib/cloud/instances",
                "/var/lib/cloud/data",
                "/var/lib/cloud/sem",
                "/var/log/ghost",
                "/var/log/journal",
                "/var/lib/systemd/random-seed",
        };

        task_stage(task, "clean");
        if (!task_journal_mark_begun(task->services->journal, task->order->task_id, err))
                return false;
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
                if (!remove_path(task, paths[i], err))
                        return false;
        if (!remove_host_keys(task, err) || !empty_machine_id(task, err))
                return false;
        spool_say(task->spool, "the machine's identity is removed; the agent stops now");
        if (task->services->on_image_cleaned)
                task->services->on_image_cleaned(task->services->context);
        return true;
}
