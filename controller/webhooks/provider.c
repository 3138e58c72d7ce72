#include "webhooks/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* In the order of the contract: the first header that is there decides. */
static const HookProvider *const providers[] = { &github_provider, &bitbucket_provider, &gitlab_provider };

const char *hook_event_word(HookEvent event) {
        static const char *const words[HOOK_EVENT_COUNT] = {
                [HOOK_PUSH] = "push",
                [HOOK_TAG] = "tag",
                [HOOK_MERGE] = "merge",
                [HOOK_OTHER] = "other",
        };

        return words[event];
}

void hook_news_clear(HookNews *news) {
        for (size_t i = 0; i < news->count; i++)
                free(news->changes[i].revision);
        string_list_clear(&news->urls);
        *news = (HookNews){ 0 };
}

static const char *without_prefix(const char *reference) {
        static const char *const prefixes[] = { "refs/heads/", "refs/tags/" };

        for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
                if (text_starts_with(reference, prefixes[i]))
                        return reference + strlen(prefixes[i]);
        return reference;
}

void hook_news_add(HookNews *news, HookEvent event, const char *revision, const char *idle) {
        if (news->count == HOOK_CHANGES_MAX)
                return;
        news->changes[news->count++] = (HookChange){
                .event = event,
                .revision = revision ? xstrdup(without_prefix(revision)) : NULL,
                .idle = idle,
        };
}

const HookProvider *hook_provider_find(const Delivery *delivery) {
        for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
                if (delivery->header(delivery->context, providers[i]->event_header))
                        return providers[i];
        return NULL;
}
