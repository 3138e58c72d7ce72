/* Whatever a provider's payload holds, reading and matching it neither crashes nor leaks, and a revision that
 * jobs get is one that git can take. The first byte says which provider and event. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "webhooks/match.h"
#include "webhooks/repository.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
        const HookProvider *provider;
        const char *event;
} kinds[] = {
        { &github_provider, "push" },          { &github_provider, "create" },
        { &github_provider, "pull_request" },  { &gitlab_provider, "Push Hook" },
        { &gitlab_provider, "Tag Push Hook" }, { &gitlab_provider, "Merge Request Hook" },
        { &bitbucket_provider, "repo:push" },  { &bitbucket_provider, "pullrequest:fulfilled" },
};

static Document *parsed(const char *text) {
        return document_parse(text, strlen(text), NULL);
}

static void match(const HookProvider *provider, const HookNews *news) {
        CLEANUP(document_free)
        Document *webhook = parsed("{\"rev\":\"\",\"module\":\"m\",\"events\":[\"push\",\"tag\",\"merge\"],"
                                   "\"commands\":[\"deploy\"]}");
        CLEANUP(document_free)
        Document *app = parsed("{\"modules\":[{\"name\":\"m\",\"git_repo\":\"git@github.com:a/b\"}]}");
        const Delivery delivery = { 0 };
        Match found = match_delivery(&(MatchQuestion){ .webhook = webhook,
                                                       .app = app,
                                                       .secret = "",
                                                       .provider = provider,
                                                       .delivery = &delivery,
                                                       .news = news });

        if (found.verdict != MATCH_OK)
                return;
        assert(found.change->revision[0] != '-' && !strpbrk(found.change->revision, " \n\t"));
        document_free(match_make_jobs(webhook, found.change->revision));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(error_free) Error *unreadable = NULL;
        CLEANUP(hook_news_clear) HookNews news = { 0 };

        if (size == 0)
                return 0;
        const size_t kind = data[0] % (sizeof(kinds) / sizeof(kinds[0]));
        CLEANUP(document_free)
        Document *payload = document_parse((const char *) data + 1, size - 1, &problem);

        if (!document_is_object(payload))
                return 0;
        if (!kinds[kind].provider->read(kinds[kind].event, payload, &news, &unreadable)) {
                assert(error_kind(unreadable) == ERROR_INVALID);
                return 0;
        }
        assert(news.count > 0 && news.count <= HOOK_CHANGES_MAX);
        for (size_t i = 0; i < news.urls.count; i++) {
                CLEANUP(free) char *key = repository_key(news.urls.items[i]);
                assert(!strstr(key, "//"));
        }
        match(kinds[kind].provider, &news);
        return 0;
}
