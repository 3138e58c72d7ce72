/* One call of the query or EC2 protocol: a form goes out, XML comes back. Sent by aws/signed_request.h, so
 * every action must be safe to send twice: by a client token, a name, or its nature. */
#pragma once

#include "aws/aws.h"
#include "aws/endpoint.h"
#include "aws/xml.h"
#include "base/text.h"

/* "Action=…&Version=…" and parameters, percent-encoded. */
typedef struct AwsForm {
        Text body;
} AwsForm;

/* NULL and "" are left out; the name is a format: form_add(&form, id, "InstanceId.%d", n). */
void form_add(AwsForm *form, const char *value, const char *name_format, ...)
        __attribute__((format(printf, 3, 4)));
void form_add_bool(AwsForm *form, bool value, const char *name);
void form_add_int(AwsForm *form, int64_t value, const char *name_format, ...)
        __attribute__((format(printf, 3, 4)));
static inline void form_clearp(AwsForm *form) {
        text_clear(&form->body);
}

/* On failure session->failure says of what class; the message reads "RunInstances: <code>: <text> (request
 * <id>)". */
bool aws_call(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form, Xml **ret,
        Error **err);

AwsErrorClass aws_classify(const char *code, int status);
ErrorKind aws_error_kind(AwsErrorClass class);
