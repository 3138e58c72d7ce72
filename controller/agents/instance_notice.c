#include "agents/instance_notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/instance_store.h"

enum { ACTION_MAX = 64 };

static const struct {
        const char *word, *sentence;
} kinds[] = {
        [GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION] = { INSTANCE_NOTICE_SPOT,
                                                                "AWS interrupts this Spot instance" },
        [GHOST__NOTICE_KIND__NOTICE_KIND_REBALANCE] = { "rebalance",
                                                        "AWS recommends to replace this Spot instance" },
        [GHOST__NOTICE_KIND__NOTICE_KIND_MAINTENANCE] = { "maintenance",
                                                          "AWS plans maintenance of this instance" },
};

/* A kind of a newer agent is no notice. */
static bool is_known(const Ghost__Notice *notice) {
        size_t kind = (size_t) notice->kind;

        return kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[kind].word;
}

/* Empty: nothing is announced. */
static Document *describe(const Ghost__Notice *notice) {
        Document *document = document_object();

        if (!is_known(notice))
                return document;
        CLEANUP(free) char *at = clock_format_http(notice->at_us);
        CLEANUP(free) char *action = xasprintf("%.*s", ACTION_MAX, notice->action);
        document_set_string(document, "kind", kinds[notice->kind].word);
        document_set_string(document, "action", action);
        document_set_string(document, "at", at);
        return document;
}

static char *sentence(const Ghost__Notice *notice, const Document *document) {
        const char *action = document_get_string(document, "action");

        if (!is_known(notice))
                return xstrdup("What AWS announced is not announced any more");
        return xasprintf(
                "%s: %s%s%s", kinds[notice->kind].sentence, action, *action ? ", " : "",
                document_get_string(document, "at"));
}

static void say(JobLogs *logs, const char *instance_id, const char *log_id, const char *line) {
        CLEANUP(error_free) Error *error = NULL;

        log_warn("instance %s: %s", instance_id, line);
        if (!job_logs_append(logs, log_id, line, &error))
                log_error("log of instance %s: %s", instance_id, error_message(error));
}

bool instance_notice_take(
        Store *store, JobLogs *logs, const char *instance_id, const Ghost__Notice *notice, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(document_free) Document *now = describe(notice);
        CLEANUP(document_free) Document *members = document_object();

        if (!instance_store_find(store, instance_id, &instance, err))
                return false;
        const Document *known = instance ? document_get(instance, "notice") : NULL;
        if (!instance || (known ? document_equal(known, now) : document_count(now) == 0))
                return true;
        document_set(members, "notice", document_copy(now));
        document_set_bool(members, "drained", false);
        if (!instance_store_put(store, instance_id, members, err))
                return false;
        CLEANUP(free) char *line = sentence(notice, now);
        say(logs, instance_id, document_get_string(instance, "_id"), line);
        return true;
}
