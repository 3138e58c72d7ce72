/* The manual page ghost.1, in the man macros that every man knows. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "usage.h"

enum { LINE_BYTES = 60 }; /* of the source; escapes make it longer */

/* Text that roff does not take for its own: backslashes, and dots and quotes at the start of a line. */
static void print_text(const char *text, FILE *out) {
        if (*text == '.' || *text == '\'' || text_starts_with(text, "\xe2\x80\xa6"))
                (void) fputs("\\&", out);
        for (; *text; text++) {
                if (*text == '\\')
                        (void) fputs("\\e", out);
                else if (*text == '-')
                        (void) fputs("\\-", out);
                else if (*text == '\'')
                        (void) fputs("\\(aq", out);
                else if (strncmp(text, "\xe2\x80\xa6", 3) == 0) {
                        (void) fputs("...", out);
                        text += 2;
                } else
                        (void) fputc(*text, out);
        }
}

/* A paragraph, or a sentence that gets its full stop here, in lines of a decent length. */
static void print_filled(const char *text, const char *stop, FILE *out) {
        size_t column = 0;

        while (*text) {
                size_t length = strcspn(text, " \n");
                CLEANUP(free) char *word = xstrndup(text, length);

                if (column)
                        (void) fputc(column + length > LINE_BYTES ? '\n' : ' ', out);
                print_text(word, out);
                column = column + length > LINE_BYTES ? length : column + length + 1;
                text += length + strspn(text + length, " \n");
        }
        (void) fprintf(out, "%s\n", stop);
}

static void print_options(const CliOption *options, FILE *out) {
        for (const CliOption *option = options; option && option->name; option++) {
                (void) fputs(".TP\n", out);
                if (option->letter)
                        (void) fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
                (void) fputs("\\fB\\-\\-", out);
                print_text(option->name, out);
                (void) fputs("\\fR", out);
                if (option->argument) {
                        (void) fputs(" \\fI", out);
                        print_text(option->argument, out);
                        (void) fputs("\\fR", out);
                }
                (void) fputc('\n', out);
                print_filled(option->help, ".", out);
        }
}

static void print_command(const CliCommand *command, FILE *out) {
        (void) fputs(".SS \"", out);
        print_text(command->name, out);
        if (*command->words)
                (void) fputc(' ', out);
        print_text(command->words, out);
        (void) fputs("\"\n", out);
        print_filled(command->summary, ".", out);
        if (command->details) {
                (void) fputs(".PP\n", out);
                print_filled(command->details, "", out);
        }
        print_options(command->options, out);
}

static const char description[] =
        "\\fBghost\\fR is a client of the REST API of a Ghost controller: applications, the jobs that build "
        "images, start instances and deploy modules, and what became of them.\n"
        ".PP\n"
        "\\fIAPP\\fR is an application's id or \\fINAME/ENV/ROLE\\fR, with \\fI/blue\\fR or \\fI/green\\fR "
        "when there are two.\n"
        "Results are tables, or YAML for one thing; \\fB\\-\\-output json\\fR is for scripts.\n"
        "Colours are for terminals only.\n";

static const char files[] = ".SH FILES\n"
                            ".TP\n.I ~/.ghost, ./.ghost\n"
                            "Profiles: sections with \\fIendpoint\\fR, \\fIusername\\fR,\n"
                            "\\fIpassword\\fR, \\fItoken\\fR and "
                            "\\fIca_file\\fR.\n"
                            "Both are read, the nearer wins; \\fBghost configure\\fR writes the first.\n"
                            "What is missing is asked for.\n"
                            ".TP\n.I ~/.casper, ./.casper\n"
                            "Are read when there is neither.\n";

static const char environment[] =
        ".SH ENVIRONMENT\n"
        ".TP\n.B GHOST_URL, GHOST_USER, GHOST_PASSWORD, GHOST_TOKEN, GHOST_CA_FILE\n"
        "Win over the files.\n"
        ".TP\n.B NO_COLOR\n"
        "When it is set, nothing is coloured.\n"
        ".TP\n.B VISUAL, EDITOR\n"
        "The editor of \\fBghost app edit\\fR.\n";

static const char examples[] =
        ".SH EXAMPLES\n"
        ".nf\n"
        "ghost configure \\-\\-endpoint https://ghost.example.com \\-\\-username olga\n"
        "ghost app ls \\-\\-env prod\n"
        "ghost deploy shop/prod/webfront \\-m site:v42 \\-\\-live\\-logs\n"
        "ghost app export shop/prod/webfront | ghost \\-\\-profile lab app create \\-\n"
        "ghost job ls \\-\\-status failed \\-\\-output json\n"
        ".fi\n"
        ".SH EXIT STATUS\n"
        "0 when it went well, 1 when it failed\n"
        "(with \\fB\\-\\-live\\-logs\\fR also when the job did not end well),\n"
        "2 for a wrong use.\n";

void usage_manual(FILE *out) {
        (void) fprintf(
                out,
                ".TH GHOST 1 2026-11-28 \"Ghost %s\" \"User Commands\"\n"
                ".SH NAME\nghost \\- command line of the Ghost deployment system\n"
                ".SH SYNOPSIS\n.B ghost\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGS\\fR]...\n"
                ".SH DESCRIPTION\n%s"
                ".SH OPTIONS\nIn front of the command or after it:\n",
                GHOST_VERSION, description);
        print_options(cli_common_options, out);
        (void) fputs(
                ".TP\n\\fB\\-v\\fR, \\fB\\-\\-version\\fR\nPrint the version.\n"
                ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nExplain the program or the command.\n"
                ".SH COMMANDS\n",
                out);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                print_command(*command, out);
        (void) fprintf(out, "%s%s%s", files, environment, examples);
}
