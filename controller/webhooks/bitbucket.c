/* Bitbucket Cloud. */
#include <string.h>

#include "base/memory.h"
#include "webhooks/payload.h"
#include "webhooks/provider.h"
#include "webhooks/signature.h"

static bool read_repository(const Document *payload, HookNews *ret, Error **err) {
        const Document *repository = payload_object(payload, "repository", err);
        const char *name = repository ? payload_string(repository, "full_name", err) : NULL;

        if (!name)
                return false;
        const char *page = document_get_string(repository, "links.html.href");
        if (*page)
                string_list_add(&ret->urls, page);
        string_list_addf(&ret->urls, "git@bitbucket.org:%s.git", name);
        string_list_addf(&ret->urls, "https://bitbucket.org/%s.git", name);
        return true;
}

static HookEvent event_of(const Document *reference) {
        const char *type = document_get_string(reference, "type");

        if (strcmp(type, "branch") == 0)
                return HOOK_PUSH;
        return strcmp(type, "tag") == 0 || strcmp(type, "annotated_tag") == 0 ? HOOK_TAG : HOOK_OTHER;
}

/* new is null when the branch or tag is gone: then old tells what it was. */
static bool read_change(const Document *change, HookNews *ret, Error **err) {
        const Document *now = document_get_member(change, "new"),
                       *former = document_get_member(change, "old");
        const char *name;

        if (document_is_null(now) && document_is_object(former)) {
                hook_news_add(
                        ret, event_of(former), document_get_string(former, "name"),
                        "the branch or tag was deleted");
                return true;
        }
        if (!(now = payload_object(change, "new", err)) || !(name = payload_string(now, "name", err)))
                return false;
        hook_news_add(ret, event_of(now), name, NULL);
        return true;
}

static bool read_push(const Document *payload, HookNews *ret, Error **err) {
        const Document *push, *changes;

        if (!read_repository(payload, ret, err) || !(push = payload_object(payload, "push", err)))
                return false;
        changes = document_get_member(push, "changes");
        if (!document_is_array(changes) || document_count(changes) == 0)
                return error_set(err, ERROR_INVALID, "'changes'");
        for (size_t i = 0; i < document_count(changes); i++)
                if (!read_change(document_at(changes, i), ret, err))
                        return false;
        return true;
}

static bool read_merge(const Document *payload, HookNews *ret, Error **err) {
        const Document *request, *destination, *branch;
        const char *name;

        if (!read_repository(payload, ret, err) || !(request = payload_object(payload, "pullrequest", err)) ||
            !(destination = payload_object(request, "destination", err)) ||
            !(branch = payload_object(destination, "branch", err)) ||
            !(name = payload_string(branch, "name", err)))
                return false;
        hook_news_add(ret, HOOK_MERGE, name, NULL);
        return true;
}

static bool bitbucket_read(const char *event, const Document *payload, HookNews *ret, Error **err) {
        if (strcmp(event, "repo:push") == 0)
                return read_push(payload, ret, err);
        if (strcmp(event, "pullrequest:fulfilled") == 0)
                return read_merge(payload, ret, err);
        ret->ping = strcmp(event, "diagnostics:ping") == 0; /* the self-hosted one asks so */
        hook_news_add(ret, HOOK_OTHER, NULL, NULL);
        return true;
}

static bool bitbucket_is_authentic(const Delivery *delivery, const char *secret) {
        const char *signature = delivery->header(delivery->context, "X-Hub-Signature");

        return signature_is_hmac_of(signature, secret, delivery->body, delivery->length);
}

const HookProvider bitbucket_provider = {
        .name = "bitbucket",
        .event_header = "X-Event-Key",
        .delivery_header = "X-Request-UUID",
        .read = bitbucket_read,
        .is_authentic = bitbucket_is_authentic,
};
