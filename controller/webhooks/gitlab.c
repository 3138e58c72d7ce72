/* GitLab. It tells every step of a merge request and soon stops calling a hook that answers with errors: a
 * step that merges nothing is idle, not a fault. */
#include <string.h>

#include "webhooks/payload.h"
#include "webhooks/provider.h"
#include "webhooks/signature.h"

static const char *const url_names[] = { "url", "git_http_url", "git_ssh_url", NULL };

static bool read_push(HookEvent event, const Document *payload, HookNews *ret, Error **err) {
        const Document *repository = payload_object(payload, "repository", err);
        const char *reference;

        if (!repository || !payload_add_urls(repository, url_names, &ret->urls, err) ||
            !(reference = payload_string(payload, "ref", err)))
                return false;
        bool gone = payload_is_no_commit(document_get_string(payload, "after"));
        hook_news_add(ret, event, reference, gone ? "the branch or tag was deleted" : NULL);
        return true;
}

/* Later changes of a merged request, a label say, have the state but another action. */
static bool is_merged(const Document *attributes) {
        const char *action = document_get_string(attributes, "action");

        return strcmp(document_get_string(attributes, "state"), "merged") == 0 &&
               (!*action || strcmp(action, "merge") == 0);
}

static bool read_merge(const Document *payload, HookNews *ret, Error **err) {
        const Document *attributes = payload_object(payload, "object_attributes", err), *target;
        const char *branch;

        if (!attributes || !(target = payload_object(attributes, "target", err)) ||
            !payload_add_urls(target, url_names, &ret->urls, err) ||
            !(branch = payload_string(attributes, "target_branch", err)))
                return false;
        hook_news_add(
                ret, HOOK_MERGE, branch, is_merged(attributes) ? NULL : "the merge request is not merged");
        return true;
}

static bool gitlab_read(const char *event, const Document *payload, HookNews *ret, Error **err) {
        if (strcmp(event, "Push Hook") == 0)
                return read_push(HOOK_PUSH, payload, ret, err);
        if (strcmp(event, "Tag Push Hook") == 0)
                return read_push(HOOK_TAG, payload, ret, err);
        if (strcmp(event, "Merge Request Hook") == 0)
                return read_merge(payload, ret, err);
        hook_news_add(ret, HOOK_OTHER, NULL, NULL);
        return true;
}

static bool gitlab_is_authentic(const Delivery *delivery, const char *secret) {
        return signature_is_token(delivery->header(delivery->context, "X-Gitlab-Token"), secret);
}

const HookProvider gitlab_provider = {
        .name = "gitlab",
        .event_header = "X-Gitlab-Event",
        .delivery_header = "X-Gitlab-Event-UUID",
        .read = gitlab_read,
        .is_authentic = gitlab_is_authentic,
};
