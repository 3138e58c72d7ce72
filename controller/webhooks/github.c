/* GitHub, and those that speak like it. */
#include <string.h>

#include "webhooks/payload.h"
#include "webhooks/provider.h"
#include "webhooks/signature.h"

static bool read_repository(const Document *payload, HookNews *ret, Error **err) {
        static const char *const names[] = { "url", "git_url", "clone_url", "ssh_url", NULL };
        const Document *repository = payload_object(payload, "repository", err);

        return repository && payload_add_urls(repository, names, &ret->urls, err);
}

static bool read_push(const Document *payload, HookNews *ret, Error **err) {
        const char *reference;

        if (!read_repository(payload, ret, err) || !(reference = payload_string(payload, "ref", err)))
                return false;
        bool gone = document_get_bool(payload, "deleted") ||
                    payload_is_no_commit(document_get_string(payload, "after"));
        hook_news_add(ret, HOOK_PUSH, reference, gone ? "the branch or tag was deleted" : NULL);
        return true;
}

/* A branch that is created is told by its push as well. */
static bool read_create(const Document *payload, HookNews *ret, Error **err) {
        const char *reference, *type = payload_string(payload, "ref_type", err);

        if (!type || !read_repository(payload, ret, err) ||
            !(reference = payload_string(payload, "ref", err)))
                return false;
        hook_news_add(ret, strcmp(type, "tag") == 0 ? HOOK_TAG : HOOK_OTHER, reference, NULL);
        return true;
}

static bool read_merge(const Document *payload, HookNews *ret, Error **err) {
        const Document *request, *base;
        const char *reference;

        if (!payload_string(payload, "action", err) ||
            !(request = payload_object(payload, "pull_request", err)) ||
            !read_repository(payload, ret, err) || !(base = payload_object(request, "base", err)) ||
            !(reference = payload_string(base, "ref", err)))
                return false;
        bool merged = strcmp(document_get_string(payload, "action"), "closed") == 0 &&
                      document_get_bool(request, "merged");
        hook_news_add(ret, merged ? HOOK_MERGE : HOOK_OTHER, reference, NULL);
        return true;
}

static bool github_read(const char *event, const Document *payload, HookNews *ret, Error **err) {
        if (strcmp(event, "push") == 0)
                return read_push(payload, ret, err);
        if (strcmp(event, "create") == 0)
                return read_create(payload, ret, err);
        if (strcmp(event, "pull_request") == 0)
                return read_merge(payload, ret, err);
        ret->ping = strcmp(event, "ping") == 0;
        hook_news_add(ret, HOOK_OTHER, NULL, NULL);
        return true;
}

/* The better signature decides when both are there. */
static bool github_is_authentic(const Delivery *delivery, const char *secret) {
        const char *signature = delivery->header(delivery->context, "X-Hub-Signature-256");

        if (!signature)
                signature = delivery->header(delivery->context, "X-Hub-Signature");
        return signature_is_hmac_of(signature, secret, delivery->body, delivery->length);
}

const HookProvider github_provider = {
        .name = "github",
        .event_header = "X-GitHub-Event",
        .delivery_header = "X-GitHub-Delivery",
        .read = github_read,
        .is_authentic = github_is_authentic,
};
