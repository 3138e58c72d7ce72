/* ghost-controller: argv, settings, signals. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts.h"
#include "backup/backup_command.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/service_notify.h"
#include "check/check_command.h"
#include "controller.h"

enum {
        EXIT_FAILED = 1,
        EXIT_USAGE = 2,
        WATCHDOG_LOOKS = 4, /* within its patience */
};

static const char default_config[] = "/etc/ghost/controller.conf";

static const char help[] =
        "Usage: ghost-controller [OPTION]...                     run the controller\n"
        "       ghost-controller [OPTION]... user add|list|remove …\n"
        "       ghost-controller [OPTION]... token add|list|remove …\n"
        "       ghost-controller [OPTION]... check [--json]      look for what is wrong, and say what to do\n"
        "       ghost-controller [OPTION]... backup FILE|FOLDER  everything it keeps, while it runs or not\n"
        "       ghost-controller [OPTION]... restore FILE        the data folder from a backup\n"
        "\n"
        "  -c, --config FILE    settings (default /etc/ghost/controller.conf, if it is there)\n"
        "      --print-settings print every setting with its default and meaning, as a file\n"
        "      --check          read the settings, say what is wrong, do nothing else\n"
        "  -v, --version        print the version\n"
        "  -h, --help           this help\n"
        "\n"
        "Every setting can be given by the environment too: http.listen as GHOST_HTTP_LISTEN.\n";

typedef struct Invocation {
        const char *config;
        bool print_settings, check, version, help;
} Invocation;

static bool parse(int argc, char **argv, Invocation *ret) {
        static const struct option options[] = {
                { "config", required_argument, NULL, 'c' }, { "print-settings", no_argument, NULL, 'p' },
                { "check", no_argument, NULL, 'k' },        { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
        };
        int option;

        /* "+": options of `user` and `token` are theirs. */
        while ((option = getopt_long(argc, argv, "+c:vh", options, NULL)) !=
               -1) { /* NOLINT(concurrency-mt-unsafe) */
                switch (option) {
                case 'c':
                        ret->config = optarg;
                        break;
                case 'p':
                        ret->print_settings = true;
                        break;
                case 'k':
                        ret->check = true;
                        break;
                case 'v':
                        ret->version = true;
                        break;
                case 'h':
                        ret->help = true;
                        break;
                default:
                        return false;
                }
        }
        return true;
}

static int print_settings(void) {
        CLEANUP(free) char *text = settings_print(&controller_settings_table);

        (void) fputs(text, stdout);
        return 0;
}

/* Blocked before any thread starts, so that only this one takes them. */
static void block_signals(sigset_t *ret) {
        (void) signal(SIGPIPE, SIG_IGN);
        sigemptyset(ret);
        sigaddset(ret, SIGTERM);
        sigaddset(ret, SIGINT);
        sigaddset(ret, SIGHUP);
        (void) pthread_sigmask(SIG_BLOCK, ret, NULL);
}

/* Until one of the signals is taken; says so long that all moves, when somebody watches over it. */
static int wait_for_signal(Controller *controller, ServiceNotify *notify, const sigset_t *signals) {
        int64_t patience_ms = service_notify_patience_ms(notify), look_ms = patience_ms / WATCHDOG_LOOKS;
        const struct timespec wait = { .tv_sec = look_ms / 1000, .tv_nsec = look_ms % 1000 * 1000000 };
        int number = 0;

        while ((number = patience_ms ? sigtimedwait(signals, NULL, &wait) : sigwaitinfo(signals, NULL)) < 0) {
                const char *stuck = patience_ms ? controller_stuck_part(controller, patience_ms / 2) : NULL;

                if (stuck)
                        log_error("%s stands still, the watchdog is not told that all is well", stuck);
                else
                        service_notify_alive(notify);
        }
        return number;
}

static int serve(const ControllerSettings *settings) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(service_notify_free)
        ServiceNotify *notify = service_notify_new((const char *const *) environ);
        CLEANUP(free)
        char *status = xasprintf("REST on %s, agents on %s", settings->http_listen, settings->link_listen);
        sigset_t signals;

        block_signals(&signals);
        CLEANUP(controller_stop) Controller *controller = controller_start(settings, &why);
        if (!controller) {
                log_error("%s", error_message(why));
                service_notify_status(notify, error_message(why));
                return EXIT_FAILED;
        }
        log_info(
                "ghost-controller %s: REST on %s, agents on %s, data in %s", GHOST_VERSION,
                settings->http_listen, settings->link_listen, settings->data_dir);
        service_notify_ready(notify, status);
        while (wait_for_signal(controller, notify, &signals) == SIGHUP)
                controller_reload(controller);
        log_info("stopping");
        service_notify_stopping(notify, "jobs that run are brought to where they can go on");
        return 0;
}

static bool load(const char *config, ControllerSettings *ret, Error **err) {
        LogLevel level;

        if (!controller_settings_load(config ? config : default_config, config != NULL, ret, err))
                return false;
        if (!log_level_from_word(ret->log_level, &level))
                return error_set(err, ERROR_INVALID, "log.level: '%s' is none", ret->log_level);
        log_set_level(level);
        return true;
}

static int run_words(const ControllerSettings *settings, const char *config, int count, char **words) {
        const char *file = config ? config : default_config;

        if (strcmp(words[0], "backup") == 0)
                return backup_command_run(settings->data_dir, file_exists(file) ? file : NULL, count, words);
        if (strcmp(words[0], "restore") == 0)
                return restore_command_run(settings->data_dir, count, words);
        return accounts_run(settings, count, words);
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(controller_settings_clear) ControllerSettings settings = { 0 };
        Invocation invocation = { 0 };

        if (!parse(argc, argv, &invocation)) {
                (void) fputs("Try 'ghost-controller --help'.\n", stderr);
                return EXIT_USAGE;
        }
        if (invocation.help) {
                (void) fputs(help, stdout);
                return 0;
        }
        if (invocation.version) {
                (void) printf("ghost-controller %s\n", GHOST_VERSION);
                return 0;
        }
        if (invocation.print_settings)
                return print_settings();
        bool loaded = load(invocation.config, &settings, &why);
        if (optind < argc && strcmp(argv[optind], "check") == 0)
                return check_command_run(loaded ? &settings : NULL, why, argc - optind, argv + optind);
        if (!loaded) {
                (void) fprintf(stderr, "ghost-controller: %s\n", error_message(why));
                return EXIT_FAILED;
        }
        if (invocation.check) {
                (void) puts("the settings are good");
                return 0;
        }
        if (optind < argc)
                return run_words(&settings, invocation.config, argc - optind, argv + optind);
        return serve(&settings);
}
