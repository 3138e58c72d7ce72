#include "plan_output.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SHORT_HASH = 8, DAY = 10, FILES_SHOWN = 20 };

/* Of what others wrote nothing but its letters reaches the terminal. Caller frees. */
static char *plain(const Document *from, const char *path) {
        return table_plain(document_get_string(from, path));
}

/* ---- modules ---- */

static void print_revision(
        const Document *module, const char *revision_path, const char *commit_path, FILE *out) {
        CLEANUP(free) char *revision = plain(module, revision_path), *commit = plain(module, commit_path);

        (void) fprintf(out, "%s", revision);
        if (*commit)
                (void) fprintf(out, " (%.*s)", SHORT_HASH, commit);
}

static void print_more(size_t shown, int64_t total, FILE *out) {
        if ((int64_t) shown < total)
                (void) fprintf(out, "    … and %lld more\n", (long long) total - (long long) shown);
}

static void print_commits(const Document *module, FILE *out) {
        const Document *commits = document_get(module, "commits");
        int64_t total = document_get_int(module, "commits_total");

        if (total == 0)
                return;
        (void) fprintf(out, "  %lld commit%s:\n", (long long) total, total == 1 ? "" : "s");
        for (size_t i = 0; i < document_count(commits); i++) {
                const Document *commit = document_at(commits, i);
                CLEANUP(free) char *id = plain(commit, "id"), *subject = plain(commit, "subject");
                CLEANUP(free) char *author = plain(commit, "author"), *date = plain(commit, "date");

                (void) fprintf(out, "    %.*s %s (%s, %.*s)\n", SHORT_HASH, id, subject, author, DAY, date);
        }
        print_more(document_count(commits), total, out);
}

static void print_files(const Document *module, FILE *out) {
        const Document *files = document_get(module, "files");
        int64_t total = document_get_int(module, "files_total");
        size_t shown = document_count(files) < FILES_SHOWN ? document_count(files) : FILES_SHOWN;

        if (total == 0)
                return;
        (void) fprintf(out, "  %lld file%s:\n", (long long) total, total == 1 ? "" : "s");
        for (size_t i = 0; i < shown; i++) {
                CLEANUP(free) char *path = plain(document_at(files, i), "path");
                CLEANUP(free) char *change = plain(document_at(files, i), "change");

                (void) fprintf(out, "    %-8s %s\n", change, path);
        }
        print_more(shown, total, out);
}

static void print_module(const Document *module, FILE *out) {
        CLEANUP(free) char *name = plain(module, "name"), *message = plain(module, "message");

        (void) fprintf(out, "Module %s: ", name);
        if (document_get_string(module, "from.revision")[0]) {
                print_revision(module, "from.revision", "from.commit", out);
                (void) fprintf(out, " -> ");
        }
        print_revision(module, "revision", "commit.id", out);
        (void) fprintf(out, "\n");
        if (*message)
                (void) fprintf(out, "  %s\n", message);
        print_commits(module, out);
        print_files(module, out);
}

/* ---- instances ---- */

static void print_batches(const Document *plan, bool colour, FILE *out) {
        const Document *batches = document_get(plan, "batches");
        CLEANUP(table_clear) Table table = { 0 };

        if (document_count(batches) == 0)
                return;
        table_init(&table, "Batch|Instances");
        for (size_t i = 0; i < document_count(batches); i++) {
                CLEANUP(free) char *number = xasprintf("%zu", i + 1);
                CLEANUP(free) char *ids = output_joined(document_at(batches, i));

                table_cell(&table, number);
                table_cell(&table, ids);
        }
        table_print(&table, colour, out);
}

static void print_strategy(const Document *plan, FILE *out) {
        CLEANUP(free)
        char *execution = plain(plan, "strategy.execution"), *safe = plain(plan, "strategy.safe"),
             *approve = plain(plan, "strategy.approve");
        int64_t failures = document_get_int(plan, "strategy.max_failures");

        if (*execution)
                (void) fprintf(
                        out, "Strategy: %s%s%s; %lld instance%s may fail\n", execution, *safe ? ", " : "",
                        safe, (long long) failures, failures == 1 ? "" : "s");
        if (*approve)
                (void) fprintf(out, "Waits for an approval: %s\n", approve);
        (void) fprintf(
                out, "At least %lld of %lld instances are left alone at a time\n",
                (long long) document_get_int(plan, "capacity.min_in_service"),
                (long long) document_get_int(plan, "capacity.total"));
}

void plan_print(const Document *plan, bool colour, FILE *out) {
        const Document *modules = document_get(plan, "modules"), *warnings = document_get(plan, "warnings");

        for (size_t i = 0; i < document_count(modules); i++)
                print_module(document_at(modules, i), out);
        print_batches(plan, colour, out);
        print_strategy(plan, out);
        for (size_t i = 0; i < document_count(warnings); i++) {
                CLEANUP(free) char *warning = table_plain(document_value(document_at(warnings, i)));

                (void) fprintf(out, "Note: %s\n", warning);
        }
}

bool plan_ask(CliContext *context, const Document *body, Error **err) {
        CLEANUP(document_free) Document *plan = NULL;

        if (!client_call(context->client, "POST", "/plans", body, NULL, &plan, err))
                return false;
        if (context->format != OUTPUT_TABLE)
                return output_document(context, plan, err);
        plan_print(plan, context->colour, stdout);
        return true;
}
