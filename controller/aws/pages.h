/* Lists that come in pages, each of which names the token of the next one. What may go wrong there ends here:
 * empty pages are followed; a token that comes again would never end and is an error; when AWS does not know
 * its own token any more the list is read anew, a few times; what moved between pages while they were read
 * and is shown twice is handed over once. */
#pragma once

#include "aws/request.h"

typedef struct AwsPages {
        const AwsService *service;
        const char *action;
        const AwsForm *form;    /* without a token */
        const char *token_sent; /* "NextToken", "Marker" */
        const char *token_read; /* where it is in an answer: "nextToken"; missing or empty there: the end */
        const char *items;      /* where the items are: "reservationSet/item/instancesSet/item" */
        const char *key;        /* what tells one from another: "instanceId"; NULL: nothing does */
        void (*read)(void *context, const Xml *item);
        void *context;
} AwsPages;

/* All or nothing: `read` is called with each item once the last page is here. */
bool aws_read_pages(AwsSession *session, const AwsPages *pages, Error **err);
