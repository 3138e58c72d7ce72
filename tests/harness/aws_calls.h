/* Every call that the product sends to AWS, under AWS's own name and with parameters as botocore's: what
 * golden requests and other people's servers are asked with. Each goes through the product's own function. */
#pragma once

#include "aws/aws.h"
#include "aws/ec2.h"
#include "json/document.h"

typedef struct AwsCall {
        const char *service, *operation; /* "autoscaling", "EnterStandby" */
        /* *ret: what came back, as far as a caller may want to use it; NULL: nothing. */
        bool (*run)(AwsSession *session, const Document *parameters, Document **ret, Error **err);
} AwsCall;

typedef struct AwsCalls {
        const AwsCall *items;
        size_t count;
} AwsCalls;
#define AWS_CALLS(table)                                                                                     \
        { .items = (table), .count = sizeof(table) / sizeof((table)[0]) }

extern const AwsCalls aws_calls_ec2;
extern const AwsCalls aws_calls_images;
extern const AwsCalls aws_calls_autoscaling;
extern const AwsCalls aws_calls_groups;
extern const AwsCalls aws_calls_balancers;
extern const AwsCalls aws_calls_others;
extern const AwsCalls *const aws_calls[]; /* all of them, then NULL */

/* NULL: the product does not send it. */
const AwsCall *aws_call_find(const char *service, const char *operation);

/* ---- for the tables: parameters as the product's types ---- */

static inline const char *text_of(const Document *parameters, const char *path) {
        return document_get_string(parameters, path);
}

static inline StringList texts_of(const Document *parameters, const char *path) {
        const Document *list = document_get(parameters, path);
        StringList texts = { 0 };

        for (size_t i = 0; i < document_count(list); i++)
                string_list_add(&texts, document_value(document_at(list, i)));
        return texts;
}

/* "" of an empty list. */
static inline const char *first_of(const StringList *texts) {
        return texts->count > 0 ? texts->items[0] : "";
}

static inline Ec2Tags tags_of(const Document *list) {
        Ec2Tags tags = { 0 };

        for (size_t i = 0; i < document_count(list); i++)
                ec2_tags_add(
                        &tags, document_get_string(document_at(list, i), "Key"),
                        document_get_string(document_at(list, i), "Value"));
        return tags;
}

/* Of the first specification: the product gives all of a call the same tags. */
static inline Ec2Tags specified_tags(const Document *parameters) {
        return tags_of(document_get(document_at(document_get(parameters, "TagSpecifications"), 0), "Tags"));
}

static inline Ec2Filters filters_of(const Document *parameters) {
        const Document *list = document_get(parameters, "Filters");
        Ec2Filters filters = { 0 };

        for (size_t i = 0; i < document_count(list); i++) {
                const Document *filter = document_at(list, i);
                const Document *values = document_get(filter, "Values");

                for (size_t j = 0; j < document_count(values); j++)
                        ec2_filters_add(
                                &filters, document_get_string(filter, "Name"),
                                document_value(document_at(values, j)));
        }
        return filters;
}

/* {"name": value}; value is copied. */
static inline Document *named(const char *name, const char *value) {
        Document *document = document_object();

        document_set_string(document, name, value);
        return document;
}
static inline Document *counted(size_t count) {
        Document *document = document_object();

        document_set_int(document, "Count", (int64_t) count);
        return document;
}
