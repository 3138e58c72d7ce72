#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "install.h"
#include "wire_channel.h"

#ifdef GHOST_STATIC
#include <nss.h>
#endif

static const char default_config[] = "/etc/ghost/agent.conf";

static const char help[] =
        "usage: ghost-agent [--config FILE]\n"
        "       ghost-agent install [OPTION…]\n"
        "       ghost-agent uninstall [--purge] [--root DIR]\n"
        "       ghost-agent --version | --print-settings | --help\n"
        "\n"
        "Links this instance to its ghost-controller and carries out its orders.\n"
        "  --config FILE     settings (default /etc/ghost/agent.conf, which may be absent:\n"
        "                    then all comes from the instance's user data)\n"
        "  --print-settings  the settings with their defaults and meaning\n";

typedef struct Arguments {
        const char *config;
        bool config_given, version, print_settings, help;
} Arguments;

static bool read_arguments(int argc, char **argv, Arguments *ret) {
        ret->config = default_config;
        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
                        ret->config = argv[++i];
                        ret->config_given = true;
                } else if (strcmp(argv[i], "--version") == 0) {
                        ret->version = true;
                } else if (strcmp(argv[i], "--print-settings") == 0) {
                        ret->print_settings = true;
                } else if (strcmp(argv[i], "--help") == 0) {
                        ret->help = true;
                } else {
                        (void) fprintf(stderr, "ghost-agent: unknown argument '%s'\n%s", argv[i], help);
                        return false;
                }
        }
        return true;
}

static int print_settings(void) {
        CLEANUP(free) char *settings = settings_print(&agent_settings_table);

        return fputs(settings, stdout) < 0 ? 1 : 0;
}

static int run(const Arguments *arguments) {
        CLEANUP(agent_settings_clear) AgentSettings settings = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        LogLevel level = LOG_LEVEL_INFO;

        if (!agent_settings_load(
                    arguments->config, !arguments->config_given, (const char *const *) environ, &settings,
                    &problem)) {
                log_error("%s", error_message(problem));
                return 2;
        }
        if (!log_level_from_word(settings.log_level ? settings.log_level : "info", &level)) {
                log_error("log_level: unknown value '%s'", settings.log_level);
                return 2;
        }
        log_set_level(level);
        return agent_run(&settings, arguments->config, &wire_channel_driver);
}

/* A program for any Linux loads nothing of the one it finds: neither plug-ins for names that the machine's
 * nsswitch.conf asks for, made for another libc, nor what its openssl.cnf names. */
static void stand_alone(void) {
#ifdef GHOST_STATIC
        static const char *const databases[] = { "group", "passwd", "services" };

        (void) __nss_configure_lookup("hosts", "files dns");
        for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++)
                (void) __nss_configure_lookup(databases[i], "files");
        crypto_ignore_machine();
#endif
}

int main(int argc, char **argv) {
        Arguments arguments = { 0 };

        /* Many threads, little to do: one arena keeps the agent small. */
        mallopt(M_ARENA_MAX, 1);
        stand_alone();
        umask(022);
        if (argc > 1 && strcmp(argv[1], "install") == 0)
                return install_main(argv + 2);
        if (argc > 1 && strcmp(argv[1], "uninstall") == 0)
                return uninstall_main(argv + 2);
        if (!read_arguments(argc, argv, &arguments))
                return 2;
        if (arguments.help)
                return fputs(help, stdout) < 0 ? 1 : 0;
        if (arguments.version)
                return printf("ghost-agent %s\n", GHOST_VERSION) < 0 ? 1 : 0;
        if (arguments.print_settings)
                return print_settings();
        return run(&arguments);
}
