#include "jobs/steps/module_health.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

static const Document *find_module(const Document *app, const char *name) {
        const Document *modules = document_get(app, "modules");

        for (size_t i = 0; i < document_count(modules); i++)
                if (text_equal(document_get_string(document_at(modules, i), "name"), name))
                        return document_at(modules, i);
        return NULL;
}

static void fill(Ghost__HealthCheck *message, const HealthCheck *check) {
        ghost__health_check__init(message);
        message->kind = (Ghost__HealthKind) ((int) check->type + 1);
        message->host = check->on_localhost ? "127.0.0.1" : "";
        message->port = check->port;
        message->path = (char *) check->path;
        message->status_first = check->status_first;
        message->status_last = check->status_last;
        if (check->command)
                message->command =
                        (ProtobufCBinaryData){ strlen(check->command), (uint8_t *) check->command };
        message->attempts = check->attempts;
        message->interval_ms = check->interval_ms;
        message->timeout_ms = check->timeout_ms;
        message->deadline_ms = check->deadline_ms;
}

Ghost__HealthCheck *module_health_fill(const Document *app, const char *module, ModuleHealth *ret) {
        const Document *document = find_module(app, module);
        CLEANUP(error_free) Error *why = NULL;
        bool given = false;

        if (!document)
                return NULL;
        /* Applications are checked when they are written. */
        if (!health_check_read(document, &ret->check, &given, &why))
                log_error("%s", error_message(why));
        if (!given || why)
                return NULL;
        fill(&ret->message, &ret->check);
        return &ret->message;
}

void module_health_clear(ModuleHealth *health) {
        health_check_clear(&health->check);
        *health = (ModuleHealth){ 0 };
}
