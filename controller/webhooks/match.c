#include "webhooks/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pattern.h"
#include "model/app.h"
#include "model/job_options.h"
#include "model/webhook.h"
#include "webhooks/repository.h"

enum { REVISION_MAX = 256, OPTIONS_MAX = 20 };

static bool lists(const Document *list, const char *word) {
        for (size_t i = 0; i < document_count(list); i++) {
                const char *item = document_value(document_at(list, i));

                if (item && strcmp(item, word) == 0)
                        return true;
        }
        return false;
}

/* What git could take for an option or refuses in a name is no revision, whatever the expression says. */
static bool is_sane(const char *revision) {
        if (text_empty(revision) || revision[0] == '-' || strlen(revision) > REVISION_MAX)
                return false;
        for (const char *c = revision; *c; c++)
                if ((unsigned char) *c <= ' ' || *c == 0x7f)
                        return false;
        return true;
}

static bool is_from_repository(const Document *app, const char *name, const StringList *urls) {
        const Document *module = webhook_find_module(app, name);
        const char *repository = document_get_string(module, "git_repo");

        if (!module || strcmp(document_get_string(module, "source.protocol"), "s3") == 0)
                return false;
        for (size_t i = 0; i < urls->count; i++)
                if (repository_same(repository, urls->items[i]))
                        return true;
        return false;
}

static Match refuse(const char *reason) {
        return (Match){ .verdict = MATCH_REFUSED, .reason = reason };
}

/* The first change that is waited for; else one that would be, were there anything to do. */
static Match match_change(const Document *webhook, const HookNews *news) {
        const Document *events = document_get_member(webhook, "events");
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(pattern_free) Pattern *pattern = pattern_new(document_get_string(webhook, "rev"), &ignored);
        Match result = refuse("invalid event");

        for (size_t i = 0; i < news->count; i++) {
                const HookChange *change = &news->changes[i];

                if (!lists(events, hook_event_word(change->event)))
                        continue;
                if (change->idle) {
                        if (result.verdict == MATCH_REFUSED)
                                result = (Match){ .verdict = MATCH_IDLE,
                                                  .reason = change->idle,
                                                  .change = change };
                        continue;
                }
                if (pattern && is_sane(change->revision) &&
                    pattern_matches(pattern, change->revision, strlen(change->revision)))
                        return (Match){ .verdict = MATCH_OK, .change = change };
                if (result.verdict == MATCH_REFUSED)
                        result = (Match){ .verdict = MATCH_REFUSED,
                                          .reason = "invalid revision",
                                          .change = change };
        }
        return result;
}

Match match_delivery(const MatchQuestion *question) {
        const char *module = document_get_string(question->webhook, "module");

        if (*question->secret && !question->provider->is_authentic(question->delivery, question->secret))
                return refuse("invalid secret");
        if (question->news->ping)
                return (Match){ .verdict = MATCH_PING, .reason = "pong" };

        Match result = match_change(question->webhook, question->news);
        if (result.verdict != MATCH_OK)
                return result;
        if (!is_from_repository(question->app, module, &question->news->urls))
                result = (Match){ .verdict = MATCH_REFUSED,
                                  .reason = "invalid repo url",
                                  .change = result.change };
        return result;
}

/* Clients write an option that is not used as null, "" or "None". */
static const char *option(const Document *options, const char *name) {
        const char *word = document_value(document_get_member(options, name));

        return text_empty(word) || strcmp(word, "None") == 0 ? NULL : word;
}

static bool has_a_place(const char *name) {
        return strcmp(name, "instance_type") == 0 || strcmp(name, "fabric_execution_strategy") == 0 ||
               strcmp(name, "safe_deployment_strategy") == 0;
}

/* Those with a place first: how many instances at a time, then in which groups; then those with a name that
 * the command knows. Webhooks of old may hold others, which mean nothing. */
static Document *make_options(const char *command, const Document *options) {
        const char *strategy = option(options, "fabric_execution_strategy");
        const char *groups = option(options, "safe_deployment_strategy");
        Document *list = document_array();

        if (strcmp(command, "recreateinstances") != 0 && (strategy || groups))
                document_append(list, document_string(strategy ? strategy : "serial"));
        if (groups)
                document_append(list, document_string(groups));
        for (void *i = document_first(options); i; i = document_next(options, i)) {
                const char *name = document_name(i), *word = option(options, name);

                if (!word || has_a_place(name) || !job_options_knows(command, name) ||
                    document_count(list) >= OPTIONS_MAX)
                        continue;
                CLEANUP(free) char *named = xasprintf("%s=%s", name, word);
                document_append(list, document_string(named));
        }
        return list;
}

static Document *make_modules(const char *name, const char *revision) {
        Document *modules = document_array(), *module = document_object();

        document_set_string(module, "name", name);
        document_set_string(module, "rev", revision);
        document_append(modules, module);
        return modules;
}

static Document *make_job(const Document *webhook, const char *command, const char *revision) {
        const Document *options = document_get_member(webhook, "options");
        const char *instance_type = option(options, "instance_type");
        Document *job = document_object();

        document_set_string(job, "app_id", document_get_string(webhook, "app_id"));
        document_set_string(job, "command", command);
        document_set(job, "modules", make_modules(document_get_string(webhook, "module"), revision));
        document_set(job, "options", make_options(command, options));
        if (instance_type)
                document_set_string(job, "instance_type", instance_type);
        return job;
}

static bool is_among(const Document *jobs, const char *command) {
        for (size_t i = 0; i < document_count(jobs); i++)
                if (strcmp(document_get_string(document_at(jobs, i), "command"), command) == 0)
                        return true;
        return false;
}

Document *match_make_jobs(const Document *webhook, const char *revision) {
        const Document *commands = document_get_member(webhook, "commands");
        Document *jobs = document_array();

        for (size_t i = 0; i < document_count(commands); i++) {
                const char *command = document_value(document_at(commands, i));

                if (command && !is_among(jobs, command))
                        document_append(jobs, make_job(webhook, command, revision));
        }
        return jobs;
}
