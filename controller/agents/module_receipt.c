#include "agents/module_receipt.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

/* An agent's words are bounded: they stand in a document that is read often. */
enum { MODULES_MAX = 500, HOOKS_MAX = 20, MESSAGE_MAX = 1000 };

static void set_message(Document *object, const char *message) {
        CLEANUP(free) char *bounded = xasprintf("%.*s", MESSAGE_MAX, message);

        document_set_string(object, "message", bounded);
}

/* Borrowed; NULL: the module is not in the list. */
static const Document *find_module(const Document *list, const char *name) {
        for (size_t i = 0; i < document_count(list); i++)
                if (strcmp(document_get_string(document_at(list, i), "module"), name) == 0)
                        return document_at(list, i);
        return NULL;
}

static Document *live_document(const Ghost__ModuleState *state) {
        Document *module = document_object();

        document_set_string(module, "module", state->module);
        document_set_string(module, "manifest_sha256", state->manifest_sha256);
        document_set_string(module, "path", state->path);
        document_set_string(module, "revision", state->revision);
        document_set_string(module, "commit", state->commit);
        document_set_int(module, "switched_us", state->switched_us);
        return module;
}

static Document *hooks_document(const Ghost__Receipt *receipt, const char *module) {
        Document *list = document_array();

        for (size_t i = 0; i < receipt->n_hooks && document_count(list) < HOOKS_MAX; i++) {
                if (strcmp(receipt->hooks[i]->module, module) != 0)
                        continue;
                Document *hook = document_object();
                document_set_string(hook, "hook", receipt->hooks[i]->hook);
                document_set_int(hook, "exit_code", receipt->hooks[i]->exit_code);
                document_set_int(hook, "duration_ms", receipt->hooks[i]->duration_ms);
                document_append(list, hook);
        }
        return list;
}

/* The last check counts. */
static Document *health_document(const Ghost__Receipt *receipt, const char *module) {
        for (size_t i = receipt->n_health; i-- > 0;) {
                const Ghost__HealthRun *run = receipt->health[i];
                if (strcmp(run->module, module) != 0)
                        continue;
                Document *health = document_object();
                document_set_string(health, "kind", run->kind);
                document_set_bool(health, "ok", run->ok);
                document_set_int(health, "attempts", run->attempts);
                document_set_int(health, "duration_ms", run->duration_ms);
                set_message(health, run->message);
                return health;
        }
        return document_null();
}

static Document *receipt_document(const Ghost__Receipt *receipt, const char *module, const char *at) {
        Document *document = document_object();

        document_set_string(document, "job_id", receipt->job_id);
        document_set_string(document, "task_id", receipt->task_id);
        document_set_bool(document, "ok", receipt->ok);
        set_message(document, receipt->message);
        document_set_string(document, "at", at);
        document_set(document, "hooks", hooks_document(receipt, module));
        document_set(document, "health", health_document(receipt, module));
        document_set_int(document, "bytes_fetched", (int64_t) receipt->bytes_fetched);
        document_set_int(document, "bytes_reused", (int64_t) receipt->bytes_reused);
        return document;
}

/* An agent that did not hear that its receipt is stored sends it again. */
static bool is_stored(const Document *module, const Ghost__Receipt *receipt) {
        return module && strcmp(document_get_string(module, "receipt.task_id"), receipt->task_id) == 0;
}

Document *module_receipt_put(const Document *known, const Ghost__Receipt *receipt, int64_t now_us) {
        Document *list = document_array();
        CLEANUP(free) char *now = clock_format_http(now_us);

        for (size_t i = 0; i < receipt->n_modules && i < MODULES_MAX; i++) {
                const char *name = receipt->modules[i]->module;
                const Document *before = find_module(known, name);
                Document *module = live_document(receipt->modules[i]);

                document_set(
                        module, "receipt",
                        is_stored(before, receipt) ? document_copy(document_get(before, "receipt"))
                                                   : receipt_document(receipt, name, now));
                document_append(list, module);
        }
        for (size_t i = 0; i < document_count(known) && document_count(list) < MODULES_MAX; i++) {
                const Document *module = document_at(known, i);
                if (!find_module(list, document_get_string(module, "module")))
                        document_append(list, document_copy(module));
        }
        return list;
}

/* Nothing of it is live; what was tried last stays known. */
static Document *gone_document(const Document *known) {
        Ghost__ModuleState none = GHOST__MODULE_STATE__INIT;

        none.module = (char *) document_get_string(known, "module");
        Document *module = live_document(&none);
        document_set(module, "receipt", document_copy(document_get(known, "receipt")));
        return module;
}

Document *module_receipt_keep(const Document *known, Ghost__ModuleState *const *modules, size_t count) {
        Document *list = document_array();

        for (size_t i = 0; i < count && i < MODULES_MAX; i++) {
                const Document *receipt = document_get(find_module(known, modules[i]->module), "receipt");
                Document *module = live_document(modules[i]);
                if (receipt)
                        document_set(module, "receipt", document_copy(receipt));
                document_append(list, module);
        }
        for (size_t i = 0; i < document_count(known) && document_count(list) < MODULES_MAX; i++) {
                const Document *module = document_at(known, i);
                if (document_get(module, "receipt") &&
                    !find_module(list, document_get_string(module, "module")))
                        document_append(list, gone_document(module));
        }
        return list;
}
