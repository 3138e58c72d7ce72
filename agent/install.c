#include "install.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "install_config.h"
#include "install_service.h"
#include "settings.h"

#define PROGRAM "/usr/local/bin/ghost-agent"
#define PACKAGED_PROGRAM "/usr/bin/ghost-agent"
#define CONFIG "/etc/ghost/agent.conf"
#define UNIT_FOLDER "/etc/systemd/system"
#define UNIT UNIT_FOLDER "/" AGENT_SERVICE
#define WANTS_FOLDER UNIT_FOLDER "/multi-user.target.wants"
#define WANTS WANTS_FOLDER "/" AGENT_SERVICE

enum { PROGRAM_MAX_BYTES = 256 << 20, CONFIG_MAX_BYTES = 1 << 20, PATH_MAX_BYTES = 4096 };

/* A file as it is, and as it shall be. */
typedef struct Wanted {
        const char *path; /* below the root */
        char *content;    /* NULL: nothing is to be written */
        size_t length;
        mode_t mode;
        bool written;
} Wanted;

typedef struct Plan {
        const InstallOptions *options;
        Wanted program, config, unit;
        const char *unit_path; /* that the link of the target points to */
        bool linked;
} Plan;

static void plan_clearp(Plan *plan) {
        free(plan->program.content);
        free(plan->config.content);
        free(plan->unit.content);
}

static char *below(const InstallOptions *options, const char *path) {
        return xasprintf("%s%s", options->root, path);
}

/* NULL in *ret: there is no such file. */
static bool read_present(
        const InstallOptions *options, const char *name, size_t max_bytes, char **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(free) char *path = below(options, name);
        CLEANUP(error_free) Error *problem = NULL;

        if (file_read(path, max_bytes, ret, ret_length, &problem))
                return true;
        if (error_kind(problem) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(problem);
        return false;
}

static bool may_change(const InstallOptions *options, Error **err) {
        return geteuid() == 0 || *options->root ||
               error_set(err, ERROR_FORBIDDEN, "this needs root; --root DIR works in a folder of your own");
}

/* ---- installing: what is to be done ---- */

static const char *packaged_unit(const InstallOptions *options) {
        static const char *const places[] = { "/usr/lib/systemd/system/" AGENT_SERVICE,
                                              "/lib/systemd/system/" AGENT_SERVICE };

        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                CLEANUP(free) char *path = below(options, places[i]);
                if (file_exists(path))
                        return places[i];
        }
        return NULL;
}

/* A program that a package brought stays where it is, and so does its unit. */
static bool plan_program(Plan *plan, const char *program, Error **err) {
        CLEANUP(free) char *packaged = below(plan->options, PACKAGED_PROGRAM);
        const char *unit = packaged_unit(plan->options);

        if (unit && text_equal(program, packaged)) {
                plan->unit_path = unit;
                return true;
        }
        plan->unit_path = UNIT;
        plan->unit.content = install_service_unit(PROGRAM);
        plan->unit.length = strlen(plan->unit.content);
        return file_read(program, PROGRAM_MAX_BYTES, &plan->program.content, &plan->program.length, err);
}

static bool plan_config(Plan *plan, Error **err) {
        CLEANUP(free) char *present = NULL;
        size_t length = 0;

        if (!read_present(plan->options, CONFIG, CONFIG_MAX_BYTES, &present, &length, err) ||
            !install_config_merge(present, &plan->options->settings, &plan->config.content, err))
                return false;
        plan->config.length = strlen(plan->config.content);
        return true;
}

/* ---- and doing it ---- */

static bool is_present(const InstallOptions *options, const Wanted *wanted, bool *ret, Error **err) {
        CLEANUP(free) char *present = NULL;
        CLEANUP(free) char *path = below(options, wanted->path);
        struct stat status;
        size_t length = 0;

        if (!read_present(options, wanted->path, PROGRAM_MAX_BYTES, &present, &length, err))
                return false;
        *ret = present && length == wanted->length && memcmp(present, wanted->content, length) == 0 &&
               stat(path, &status) == 0 && (status.st_mode & 07777) == wanted->mode;
        return true;
}

static bool put(const InstallOptions *options, Wanted *wanted, Text *report, Error **err) {
        CLEANUP(free) char *path = below(options, wanted->path);
        CLEANUP(free) char *folder = xstrndup(path, (size_t) (strrchr(path, '/') - path));
        bool present = false;

        if (!wanted->content)
                return true;
        if (!is_present(options, wanted, &present, err))
                return false;
        if (present) {
                text_appendf(report, "%s is there already\n", path);
                return true;
        }
        if (!file_make_folders(folder, 0755, err) ||
            !file_write_atomic(path, wanted->content, wanted->length, wanted->mode, err))
                return false;
        wanted->written = true;
        text_appendf(report, "wrote %s\n", path);
        return true;
}

/* What `systemctl enable` does, which is not there while an image is made. */
static bool enable(Plan *plan, Text *report, Error **err) {
        CLEANUP(free) char *link = below(plan->options, WANTS);
        CLEANUP(free) char *folder = below(plan->options, WANTS_FOLDER);
        char target[PATH_MAX_BYTES] = "";

        ssize_t length = readlink(link, target, sizeof(target) - 1);
        if (length > 0 && text_equal(target, plan->unit_path))
                return true;
        if (!file_make_folders(folder, 0755, err) || !file_switch_link(link, plan->unit_path, err))
                return false;
        plan->linked = true;
        text_append(report, "enabled " AGENT_SERVICE "\n");
        return true;
}

static bool start(const Plan *plan, Text *report, Error **err) {
        static const char *const reload[] = { "daemon-reload", NULL };
        bool changed = plan->program.written || plan->config.written || plan->unit.written;
        const char *const words[] = { changed ? "restart" : "start", AGENT_SERVICE, NULL };

        if (*plan->options->root)
                return true;
        if (!install_service_here()) {
                text_append(
                        report, "systemd does not run here: have " PROGRAM
                                " started by what starts services on this machine\n");
                return true;
        }
        if ((plan->unit.written || plan->linked) && !install_service_tell(reload, err))
                return false;
        if (plan->options->no_start)
                return true;
        if (!install_service_tell(words, err))
                return false;
        text_appendf(report, "%sed " AGENT_SERVICE "\n", words[0]);
        return true;
}

bool install_agent(const InstallOptions *options, const char *program, Text *report, Error **err) {
        CLEANUP(plan_clear)
        Plan plan = {
                .options = options,
                .program = { .path = PROGRAM, .mode = 0755 },
                .config = { .path = CONFIG, .mode = 0600 }, /* it may hold the token */
                .unit = { .path = UNIT, .mode = 0644 },
        };

        return may_change(options, err) && plan_program(&plan, program, err) && plan_config(&plan, err) &&
               put(options, &plan.program, report, err) && put(options, &plan.config, report, err) &&
               put(options, &plan.unit, report, err) && enable(&plan, report, err) &&
               start(&plan, report, err);
}

/* ---- taking it away ---- */

static bool remove_one(const InstallOptions *options, const char *name, Text *report, Error **err) {
        CLEANUP(free) char *path = below(options, name);

        if (!file_exists(path))
                return true;
        if (!file_remove_tree(path, err))
                return false;
        text_appendf(report, "removed %s\n", path);
        return true;
}

/* Of the state folder only what an agent puts there: the setting might name a folder that others use. */
static bool purge_state(const InstallOptions *options, Text *report, Error **err) {
        static const char *const environment[] = { NULL };
        static const char *const names[] = { "identity", "tasks", "hooks", "bootstrapped", "lock" };
        CLEANUP(agent_settings_clear) AgentSettings settings = { 0 };
        CLEANUP(free) char *config = below(options, CONFIG);

        if (!agent_settings_load(config, true, environment, &settings, err))
                return error_prefix(err, "where the agent's identity is");
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                CLEANUP(free) char *name = xasprintf("%s/%s", settings.state_dir, names[i]);
                if (!remove_one(options, name, report, err))
                        return false;
        }
        CLEANUP(free) char *folder = below(options, settings.state_dir);
        if (rmdir(folder) != 0 && errno != ENOENT && errno != ENOTEMPTY)
                return error_set(err, ERROR_INTERNAL, "%s: %s", folder, strerror(errno));
        return remove_one(options, CONFIG, report, err);
}

bool uninstall_agent(const InstallOptions *options, const char *program, Text *report, Error **err) {
        static const char *const disable[] = { "disable", "--now", AGENT_SERVICE, NULL };
        static const char *const reload[] = { "daemon-reload", NULL };
        CLEANUP(free) char *packaged = below(options, PACKAGED_PROGRAM), *unit = below(options, UNIT);

        if (!may_change(options, err))
                return false;
        if (packaged_unit(options) && text_equal(program, packaged))
                return error_set(
                        err, ERROR_CONFLICT,
                        "this ghost-agent came as a package: remove that (apt-get remove "
                        "ghost-agent, dnf remove ghost-agent)");
        bool told = !*options->root && install_service_here() && file_exists(unit);
        if (told && !install_service_tell(disable, err))
                return false;
        return remove_one(options, WANTS, report, err) && remove_one(options, UNIT, report, err) &&
               remove_one(options, PROGRAM, report, err) && (!told || install_service_tell(reload, err)) &&
               (!options->purge || purge_state(options, report, err));
}

/* ---- the commands ---- */

typedef struct Command {
        bool (*read)(char *const *words, InstallOptions *ret, Error **err);
        bool (*carry_out)(const InstallOptions *options, const char *program, Text *report, Error **err);
        const char *name, *help;
} Command;

static bool asks_for_help(char *const *words) {
        for (; *words; words++)
                if (strcmp(*words, "--help") == 0)
                        return true;
        return false;
}

static int carry_out(const Command *command, char *const *words) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(text_clear) Text report = { 0 };
        char program[PATH_MAX_BYTES] = "";

        if (asks_for_help(words))
                return fputs(command->help, stdout) < 0 ? 1 : 0;
        if (!command->read(words, &options, &problem)) {
                (void) fprintf(stderr, "ghost-agent %s: %s\n", command->name, error_message(problem));
                return 2;
        }
        if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0) {
                (void) fprintf(
                        stderr, "ghost-agent %s: /proc/self/exe: %s\n", command->name, strerror(errno));
                return 1;
        }
        bool ok = command->carry_out(&options, program, &report, &problem);
        if (report.data)
                (void) fputs(report.data, stdout);
        if (!ok)
                (void) fprintf(stderr, "ghost-agent %s: %s\n", command->name, error_message(problem));
        return ok && fflush(stdout) == 0 ? 0 : 1;
}

int install_main(char *const *words) {
        static const Command install = { install_options_read, install_agent, "install", install_help };

        return carry_out(&install, words);
}

int uninstall_main(char *const *words) {
        static const Command uninstall = { uninstall_options_read, uninstall_agent, "uninstall",
                                           uninstall_help };

        return carry_out(&uninstall, words);
}
