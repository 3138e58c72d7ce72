/* Providers: how GitHub, GitLab and Bitbucket tell what happened in a repository. Pure functions over one
 * delivery; nothing here is trusted before its secret was checked. */
#pragma once

#include "base/text.h"
#include "json/document.h"

typedef enum HookEvent { HOOK_PUSH, HOOK_TAG, HOOK_MERGE, HOOK_OTHER, HOOK_EVENT_COUNT } HookEvent;

/* "push", "tag", "merge"; HOOK_OTHER has a word that no webhook can list. */
const char *hook_event_word(HookEvent event);

/* One delivery as it came; everything is borrowed. */
typedef struct Delivery {
        const char *(*header)(const void *context, const char *name); /* NULL when absent */
        const void *context;
        const char *body; /* the raw bytes, which signatures cover */
        size_t length;
        const Document *payload; /* the same, parsed: an object */
} Delivery;

/* Something that happened to one branch or tag. */
typedef struct HookChange {
        HookEvent event;
        char *revision;   /* branch or tag without refs/…/; NULL when idle */
        const char *idle; /* why there is nothing to do, e.g. the branch is gone; NULL: there is */
} HookChange;

enum { HOOK_CHANGES_MAX = 20 };

typedef struct HookNews {
        HookChange changes[HOOK_CHANGES_MAX]; /* one push may move several branches */
        size_t count;
        StringList urls; /* of the repository */
        bool ping;       /* only asks whether we are there */
} HookNews;
void hook_news_clear(HookNews *news);
static inline void hook_news_clearp(HookNews *news) {
        hook_news_clear(news);
}
/* revision may be NULL; copied without refs/heads/ and refs/tags/. What does not fit is left out. */
void hook_news_add(HookNews *news, HookEvent event, const char *revision, const char *idle);

typedef struct HookProvider {
        const char *name;
        const char *event_header;    /* a delivery that has it is this provider's */
        const char *delivery_header; /* names the delivery, the same when it is sent again */

        /* INVALID names the member that the payload lacks: "'repository'". */
        bool (*read)(const char *event, const Document *payload, HookNews *ret, Error **err);
        /* Constant time; secret is not empty. */
        bool (*is_authentic)(const Delivery *delivery, const char *secret);
} HookProvider;

extern const HookProvider github_provider;
extern const HookProvider gitlab_provider;
extern const HookProvider bitbucket_provider;

/* NULL when no header is a known provider's. */
const HookProvider *hook_provider_find(const Delivery *delivery);
