#include "backup/backup_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup.h"
#include "backup/restore.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/collection.h"
#include "store/job_store.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, PERCENT = 100 };
#define MEBIBYTE (1024.0 * 1024.0)

static const char backup_usage[] =
        "Usage: ghost-controller [--config FILE] backup [--without-packages] FILE|FOLDER\n"
        "\n"
        "Writes everything the controller keeps into one archive, while it runs or not. In a folder it gets "
        "a\n"
        "name with the time.\n"
        "\n"
        "  --without-packages  leave out data_dir/packages: smaller; modules have to be deployed again "
        "before\n"
        "                      new instances get them\n";

static const char restore_usage[] =
        "Usage: ghost-controller [--config FILE] restore [--force] [--cancel-jobs] FILE\n"
        "\n"
        "Makes the data folder (data_dir) from a backup. The controller has to be stopped.\n"
        "\n"
        "  --force        what is in the folder is moved aside; otherwise it has to be empty\n"
        "  --cancel-jobs  jobs that waited or ran when the backup was made are cancelled, not taken up\n";

typedef struct Flag {
        const char *name;
        bool *set;
} Flag;

/* The one word that is no flag; NULL: wrong use. */
static const char *parse(int count, char **words, const Flag *flags, size_t flag_count) {
        const char *found = NULL;

        for (int i = 1; i < count; i++) {
                size_t at = 0;

                while (at < flag_count && strcmp(words[i], flags[at].name) != 0)
                        at++;
                if (at < flag_count) {
                        *flags[at].set = true;
                        continue;
                }
                if (words[i][0] == '-' || found)
                        return NULL;
                found = words[i];
        }
        return found;
}

/* One line that is written over, on a terminal only. */
static void show_progress(void *context, uint64_t done, uint64_t total) {
        int *shown = context, percent = total ? (int) (done * PERCENT / total) : 0;

        if (percent == *shown)
                return;
        *shown = percent;
        (void) fprintf(stderr, "\r%3d %% of %.0f MiB ", percent, (double) total / MEBIBYTE);
        (void) fflush(stderr);
}

static void end_progress(int shown) {
        if (shown >= 0)
                (void) fputs("\r                              \r", stderr);
}

static int fail(const char *what, const Error *why) {
        (void) fprintf(stderr, "ghost-controller: %s: %s\n", what, error_message(why));
        return EXIT_FAILED;
}

int backup_command_run(const char *data_dir, const char *settings_file, int count, char **words) {
        CLEANUP(backup_result_clear) BackupResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        BackupSpec spec = { .data_dir = data_dir, .settings_file = settings_file };
        const Flag flags[] = { { "--without-packages", &spec.without_packages } };
        int64_t started_ms = clock_monotonic_ms();
        int shown = -1;

        spec.target = parse(count, words, flags, sizeof(flags) / sizeof(flags[0]));
        if (!spec.target) {
                (void) fputs(backup_usage, stderr);
                return EXIT_USAGE;
        }
        spec.context = &shown;
        spec.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
        bool made = backup_make(&spec, &result, &why);
        end_progress(shown);
        if (!made)
                return fail("no backup was made", why);
        for (size_t i = 0; i < result.left.count; i++)
                (void) fprintf(
                        stderr, "ghost-controller: %s/%s is neither a file nor a folder: not in the backup\n",
                        data_dir, result.left.items[i]);
        (void) printf(
                "%s: %zu files, %.1f MiB%s, read again and good, after %.1f s\n", result.path,
                result.facts.files, (double) result.archive_bytes / MEBIBYTE,
                spec.without_packages ? " without packages" : "",
                (double) (clock_monotonic_ms() - started_ms) / 1000);
        return 0;
}

static bool cancel_all(Store *store, const char *status, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *jobs = NULL;

        document_set_string(where, "status", status);
        if (!collection_find(store, COLLECTION_JOBS, where, &jobs, err))
                return false;
        for (size_t i = 0; i < document_count(jobs); i++) {
                JobStatus after;
                if (!job_store_request_cancel(
                            store, document_get_string(document_at(jobs, i), "_id"), &after, err))
                        return false;
        }
        return true;
}

/* Running ones end cleanly when the controller takes them up. */
static bool cancel_jobs(const char *data_dir, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", data_dir, BACKUP_DATABASE);
        CLEANUP(store_free) Store *store = store_open(&(StoreSpec){ .path = path, .exclusive = true }, err);

        return store && cancel_all(store, "init", err) && cancel_all(store, "started", err);
}

static void say_what_next(const RestoreResult *result, const char *data_dir, bool cancelled) {
        (void) printf(
                "%s is as it was at %s (version %s, %zu files).\n", data_dir, result->facts.made,
                result->facts.version, result->facts.files);
        if (result->former)
                (void) printf(
                        "What was there is in %s: remove it when you do not need it.\n", result->former);
        if (result->settings)
                (void) printf("The settings of then are in %s: compare them with yours.\n", result->settings);
        if (result->facts.without_packages)
                (void) puts("The backup has no packages: deploy every module again, so that new instances "
                            "get them.");
        if (result->open_jobs > 0)
                (void) printf(
                        "%lld jobs waited or ran then: %s.\n", (long long) result->open_jobs,
                        cancelled ? "they are cancelled"
                                  : "the controller takes them up when it starts (--cancel-jobs: not)");
        (void) puts("Next: ghost-controller check, then start the controller. Agents come back by "
                    "themselves if link.address leads here.");
}

int restore_command_run(const char *data_dir, int count, char **words) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        RestoreSpec spec = { .data_dir = data_dir };
        bool cancel = false;
        const Flag flags[] = { { "--force", &spec.force }, { "--cancel-jobs", &cancel } };
        int shown = -1;

        spec.archive = parse(count, words, flags, sizeof(flags) / sizeof(flags[0]));
        if (!spec.archive) {
                (void) fputs(restore_usage, stderr);
                return EXIT_USAGE;
        }
        spec.context = &shown;
        spec.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
        bool restored = restore_run(&spec, &result, &why);
        end_progress(shown);
        if (!restored)
                return fail("nothing was restored", why);
        if (cancel && !cancel_jobs(data_dir, &why))
                return fail("restored, but the jobs of then are not cancelled", why);
        say_what_next(&result, data_dir, cancel);
        return 0;
}
