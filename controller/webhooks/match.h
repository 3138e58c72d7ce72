/* Whether a delivery is what a webhook waits for, and the jobs it then asks for. */
#pragma once

#include "webhooks/provider.h"

typedef enum MatchVerdict {
        MATCH_OK,   /* .change is what happened */
        MATCH_IDLE, /* rightly told, but there is nothing to do: .reason */
        MATCH_PING,
        MATCH_REFUSED, /* .reason: "invalid secret", … */
} MatchVerdict;

typedef struct Match {
        MatchVerdict verdict;
        const char *reason;
        const HookChange *change; /* of the news; NULL when none fits */
} Match;

/* In the contract's order: secret ("" for none configured), event, revision, repository. app: as it is shown,
 * NULL when it is gone. */
typedef struct MatchQuestion {
        const Document *webhook, *app;
        const char *secret;
        const HookProvider *provider;
        const Delivery *delivery;
        const HookNews *news;
} MatchQuestion;

Match match_delivery(const MatchQuestion *question);

/* One job request for each distinct command, in the webhook's order; to be checked like any other. */
Document *match_make_jobs(const Document *webhook, const char *revision);
