/* instance log */
#include "cli_commands.h"

#include "base/clock.h"
#include "base/memory.h"
#include "follow.h"
#include "log_output.h"
#include "output.h"
#include "patience.h"

enum { LOOK_MS = 1000 };

typedef struct Followed {
        Client *client;
        char *path, *log; /* "/instances/ID", "/instances/ID/logs" */
        uint64_t offset;
        LogSinks *sinks;
} Followed;

static bool is_on_its_way(const Document *instance) {
        const char *state = document_get_string(instance, "state");

        return text_equal(state, "enrolled") || text_equal(state, "bootstrapping");
}

static bool has_none(const Document *instance, Error **err) {
        const char *job_id = document_get_string(instance, "job_id");

        return *job_id ? error_set(
                                 err, ERROR_NOT_FOUND,
                                 "the instance has no log: the job that created it says nothing of it (ghost "
                                 "log %s)",
                                 job_id)
                       : error_set(
                                 err, ERROR_NOT_FOUND, "the instance has no log: nothing was done on it yet");
}

static bool look(Followed *followed, Document **ret, Error **err) {
        Patience patience = patience_new();

        for (;;) {
                CLEANUP(error_free) Error *why = NULL;

                if (client_get(followed->client, followed->path, ret, &why))
                        return true;
                if (!patience_wait(&patience, why, err))
                        return false;
        }
}

/* *ret_none: there is no log yet. */
static bool show_rest(Followed *followed, bool *ret_none, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        *ret_none = false;
        if (follow_stored(followed->client, followed->log, &followed->offset, followed->sinks, &why))
                return true;
        *ret_none = error_kind(why) == ERROR_NOT_FOUND;
        return *ret_none || error_set(err, error_kind(why), "%s", error_message(why));
}

static bool show_until_settled(Followed *followed, Document **ret, Error **err) {
        for (bool over = false;;) {
                CLEANUP(document_free) Document *instance = NULL;
                bool none = false;

                if (!look(followed, &instance, err) || !show_rest(followed, &none, err))
                        return false;
                if (over) {
                        *ret = TAKE(instance);
                        return !none || has_none(*ret, err);
                }
                over = !is_on_its_way(instance); /* its last line may come after its state */
                clock_sleep_ms(LOOK_MS);
        }
}

static bool show_now(Followed *followed, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        bool none = false;

        return look(followed, &instance, err) && show_rest(followed, &none, err) &&
               (!none || has_none(instance, err));
}

static bool show_log(Followed *followed, bool follow, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;

        if (!follow)
                return show_now(followed, err);
        if (!show_until_settled(followed, &instance, err))
                return false;
        const char *state = document_get_string(instance, "state");
        const char *reason = document_get_string(instance, "reason");
        if (text_equal(state, "ready"))
                return true;
        return error_set(err, ERROR_INTERNAL, "instance %s%s%s", state, *reason ? ": " : "", reason);
}

static bool run_log(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *path = client_path("/instances/", arguments->words.items[0]);
        CLEANUP(free) char *log = xasprintf("%s/logs", path);
        LogOutput output = { 0 };

        if (!log_output_open(context, arguments, &output, err))
                return false;
        Followed followed = { .client = context->client, .path = path, .log = log, .sinks = &output.sinks };
        return log_output_close(&output, show_log(&followed, arguments_given(arguments, "follow"), err), err);
}

static const CliOption options[] = {
        { "follow", 'f', NULL, "Wait until it is ready, and exit 1 when it does not become so" },
        LOG_OPTIONS,
        { NULL },
};

const CliCommand instance_log_cli = {
        "instance log",
        "INSTANCE",
        "Show what was done on an instance until it was ready",
        options,
        run_log,
        .details = "Of an instance that a job created: the lines of the job's log that are about it. One "
                   "that an "
                   "Auto Scaling group launched is made the application's without a job, and has a log of "
                   "its own.",
};
