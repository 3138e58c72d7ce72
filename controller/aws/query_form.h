/* What the services of the query protocol (Auto Scaling, load balancers, IAM) write and answer alike: lists
 * as Name.member.N, results inside <ActionResult>, pages. */
#pragma once

#include "aws/request.h"
#include "base/text.h"

/* An empty list is not sent; NULL neither. */
void query_form_add_list(AwsForm *form, const char *name, const StringList *values);
/* The same, but an empty list is sent as one, which takes away what was there. */
void query_form_set_list(AwsForm *form, const char *name, const StringList *values);

/* Text of each <member> of the element of that name. */
void query_read_list(const Xml *element, const char *name, StringList *ret);

/* The call; *ret_result is the <ActionResult> in *ret, perhaps NULL. */
bool query_call(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form, Xml **ret,
        const Xml **ret_result, Error **err);
/* For actions whose answer says nothing. */
bool query_do(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form, Error **err);

/* See aws/pages.h; what is read stands in <ActionResult>. */
typedef struct QueryPages {
        const AwsService *service;
        const char *action;
        const AwsForm *form;
        const char *token_sent, *token_read; /* "NextToken" both, or "Marker" and "NextMarker" */
        const char *list, *key;              /* "AutoScalingGroups" of members, which differ in that */
        void (*read)(void *context, const Xml *member);
        void *context;
} QueryPages;
bool query_read_pages(AwsSession *session, const QueryPages *pages, Error **err);
