#include "check/check_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "check/check.h"
#include "json/document.h"

enum { EXIT_USAGE = 3 };

static const char usage[] =
        "Usage: ghost-controller [--config FILE] check [--json]\n"
        "\n"
        "Looks at the settings, the disk, the database, certificates, addresses, git, and at what AWS says,\n"
        "and says of everything that is wrong what to do. Changes nothing; a controller may run meanwhile.\n"
        "Run it as the controller's user. Exit status: 0 all is well, 1 warnings, 2 problems, 3 wrong use.\n";

static void print_text(const Findings *findings) {
        size_t counts[FINDING_LEVEL_COUNT] = { 0 };

        for (size_t i = 0; i < findings->count; i++) {
                const Finding *finding = &findings->items[i];

                counts[finding->level]++;
                (void) printf(
                        "%-8s %s: %s\n", names_word(&finding_level_names, finding->level), finding->check,
                        finding->what);
                if (finding->remedy)
                        (void) printf("         -> %s\n", finding->remedy);
        }
        (void) printf("%zu problems, %zu warnings\n", counts[FINDING_PROBLEM], counts[FINDING_WARNING]);
}

static void print_json(const Findings *findings) {
        CLEANUP(document_free) Document *report = document_object();
        Document *list = document_array();

        for (size_t i = 0; i < findings->count; i++) {
                const Finding *finding = &findings->items[i];
                Document *one = document_object();

                document_set_string(one, "check", finding->check);
                document_set_string(one, "level", names_word(&finding_level_names, finding->level));
                document_set_string(one, "what", finding->what);
                if (finding->remedy)
                        document_set_string(one, "remedy", finding->remedy);
                document_append(list, one);
        }
        document_set_string(report, "level", names_word(&finding_level_names, findings_worst(findings)));
        document_set(report, "findings", list);
        CLEANUP(free) char *text = document_pretty(report);
        (void) puts(text);
}

int check_command_run(const ControllerSettings *settings, const Error *why, int count, char **words) {
        CLEANUP(findings_clear) Findings findings = { 0 };
        bool json = count == 2 && strcmp(words[1], "--json") == 0;

        if (count != 1 && !json) {
                (void) fputs(usage, stderr);
                return EXIT_USAGE;
        }
        log_set_level(LOG_LEVEL_ERROR); /* what parts of it would say while they are used */
        checks_run(settings, why, &findings);
        if (json)
                print_json(&findings);
        else
                print_text(&findings);
        return (int) findings_worst(&findings);
}
