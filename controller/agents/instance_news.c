#include "agents/instance_news.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/agent_store.h"
#include "store/instance_store.h"
#include "store/notification_store.h"

typedef enum News { NEWS_NONE, NEWS_STARTING, NEWS_STARTED } News;

enum {
        CODE_BOOT_HOOK = -5,
        CODE_PACKAGE = -11,
        CODE_PRE_DEPLOY = -12,
        CODE_POST_DEPLOY = -13,
};

/* (agent/tasks says them.) The stages of deploying and setting up; those of scripts and of going back are
 * nobody's news. */
static const struct {
        const char *stage;
        News news;
} stages[] = {
        { "bootstrap", NEWS_STARTING },    { "fetch", NEWS_STARTING },
        { "pre_bootstrap", NEWS_STARTED }, { "verify", NEWS_STARTED },
        { "pre_deploy", NEWS_STARTED },    { "switch", NEWS_STARTED },
        { "post_deploy", NEWS_STARTED },   { "post_bootstrap", NEWS_STARTED },
};

static const char *const words[] = { [NEWS_STARTING] = "starting", [NEWS_STARTED] = "started" };

static News news_of(const char *stage) {
        for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
                if (text_equal(stages[i].stage, stage))
                        return stages[i].news;
        return NEWS_NONE;
}

static bool find_instance(Store *store, const char *agent_id, Document **ret, Error **err) {
        CLEANUP(agent_clear) Agent agent = { 0 };

        return agent_store_get(store, agent_id, &agent, err) &&
               instance_store_find(store, agent.instance_id, ret, err) &&
               (*ret || error_set(err, ERROR_NOT_FOUND, "instance %s is not known", agent.instance_id));
}

/* return_code NULL: it has not ended. */
static bool add_event(
        Store *store, const Document *instance, const char *status, const int *return_code, Error **err) {
        CLEANUP(document_free) Document *event = document_object();
        const char *host = document_get_string(instance, "facts.host_name");

        document_set_string(event, "instance_id", document_get_string(instance, "instance_id"));
        document_set_string(event, "app_id", document_get_string(instance, "app_id"));
        document_set_string(event, "host_name", *host ? host : document_get_string(instance, "instance_id"));
        document_set_string(event, "status", status);
        if (return_code)
                document_set_int(event, "return_code", *return_code);
        return notification_store_add_instance_event(store, event, err);
}

static bool note(
        Store *store, const Document *instance, const char *task_id, const char *status, Error **err) {
        CLEANUP(document_free) Document *members = document_object();
        Document *told = document_object();

        document_set_string(told, "task_id", task_id);
        document_set_string(told, "status", status);
        document_set(members, "told", told);
        return instance_store_put(store, document_get_string(instance, "instance_id"), members, err);
}

static bool tell_progress(
        Store *store, const Document *instance, const char *task_id, News news, Error **err) {
        bool known = text_equal(document_get_string(instance, "told.task_id"), task_id);
        bool started = known && text_equal(document_get_string(instance, "told.status"), "started");

        if (started || (known && news == NEWS_STARTING))
                return true;
        if (!known && !add_event(store, instance, words[NEWS_STARTING], NULL, err))
                return false;
        return (news == NEWS_STARTING || add_event(store, instance, words[NEWS_STARTED], NULL, err)) &&
               note(store, instance, task_id, words[news], err);
}

static bool tell_end(Store *store, const Document *instance, const Ghost__Receipt *receipt, Error **err) {
        const char *status = receipt->ok ? "done" : "failed";
        int return_code = instance_news_return_code(receipt);

        /* Of a task that told nothing before: a script, or a way back. */
        if (!text_equal(document_get_string(instance, "told.task_id"), receipt->task_id) ||
            text_equal(document_get_string(instance, "told.status"), status))
                return true;
        return add_event(store, instance, status, &return_code, err) &&
               note(store, instance, receipt->task_id, status, err);
}

/* Both writes or none. */
static bool finish(Store *store, bool ok, Error **err) {
        if (ok)
                return store_commit(store, err);
        store_roll_back(store);
        return false;
}

void instance_news_progress(Store *store, const char *agent_id, const Ghost__TaskProgress *progress) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(error_free) Error *why = NULL;
        News news = news_of(progress->stage);

        if (news == NEWS_NONE)
                return;
        bool ok = store_begin(store, &why) &&
                  finish(store,
                         find_instance(store, agent_id, &instance, &why) &&
                                 tell_progress(store, instance, progress->task_id, news, &why),
                         &why);
        if (!ok)
                log_error("news of agent %s: %s", agent_id, error_message(why));
}

void instance_news_end(Store *store, const char *agent_id, const Ghost__Receipt *receipt) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(error_free) Error *why = NULL;

        bool ok = store_begin(store, &why) && finish(store,
                                                     find_instance(store, agent_id, &instance, &why) &&
                                                             tell_end(store, instance, receipt, &why),
                                                     &why);
        if (!ok)
                log_error("news of agent %s: %s", agent_id, error_message(why));
}

int instance_news_return_code(const Ghost__Receipt *receipt) {
        const char *last = receipt->n_hooks > 0 ? receipt->hooks[receipt->n_hooks - 1]->hook : "";
        bool hook_failed = receipt->n_hooks > 0 && receipt->hooks[receipt->n_hooks - 1]->exit_code != 0;

        if (receipt->ok)
                return 0;
        if (text_ends_with(last, "_bootstrap"))
                return CODE_BOOT_HOOK;
        if (text_equal(last, "post_deploy"))
                return CODE_POST_DEPLOY;
        return hook_failed ? CODE_PRE_DEPLOY : CODE_PACKAGE;
}
