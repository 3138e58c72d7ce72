/* job log; log */
#include "cli_commands.h"

#include <string.h>

#include "base/memory.h"
#include "follow.h"
#include "job_options.h"
#include "output.h"

static bool get_started(
        CliContext *context, const Arguments *arguments, bool wait, Document **ret, Error **err) {
        const char *id = arguments->words.items[0];
        CLEANUP(free) char *path = client_path("/jobs/", id);

        if (wait || arguments_given(arguments, "waitstart"))
                return follow_wait_start(context->client, id, ret, err);
        if (!client_get(context->client, path, ret, err))
                return false;
        return strcmp(document_get_string(*ret, "status"), "init") != 0 ||
               error_set(err, ERROR_CONFLICT, "the job is not started (--waitstart waits for it)");
}

static bool run_log(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(document_free) Document *ended = NULL;
        bool follow = arguments_given(arguments, "follow");

        if (!get_started(context, arguments, follow, &job, err) ||
            !job_follow(context, arguments, job, &ended, err))
                return error_prefix(err, "error while retrieving logs");
        return !follow || follow_verdict(ended, err);
}

static const CliOption log_options[] = {
        { "follow", 'f', NULL, "Wait for the job, and exit 1 unless it ends well" },
        { "waitstart", 0, NULL, "Wait for the job to start if applicable" },
        LOG_OPTIONS,
        { NULL },
};

#define LOG_DETAILS                                                                                          \
        "Shows what the log holds and goes on until the job has ended, across lost connections. Exit "       \
        "status "                                                                                            \
        "0, whatever became of the job, unless --follow is given."

const CliCommand job_log_cli = {
        "job log", "JOB", "Show the log of a job", log_options, run_log, .details = LOG_DETAILS,
};
const CliCommand log_cli = {
        "log", "JOB", "Show the log of a job (as 'job log')", log_options, run_log, .details = LOG_DETAILS,
};
