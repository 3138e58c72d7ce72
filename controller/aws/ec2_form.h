/* How EC2 actions write their parameters and read their lists; for the ec2_*.c files. */
#pragma once

#include "aws/ec2.h"
#include "aws/request.h"

enum { EC2_PAGE_SIZE = 1000 };

void ec2_form_add_tags(AwsForm *form, int index, const char *resource_type, const Ec2Tags *tags);
/* Encrypted, and gone with their instance. */
void ec2_form_add_devices(AwsForm *form, const Ec2BlockDevice *devices, size_t count);
void ec2_form_add_filters(AwsForm *form, const Ec2Filters *filters);
bool ec2_filters_check(const Ec2Filters *filters, Error **err);
void ec2_read_tags(const Xml *element, Ec2Tags *ret);

/* Of a describe action that has NextToken; see aws/pages.h. */
typedef struct Ec2Pages {
        const char *action;
        const AwsForm *form;
        bool sized;              /* MaxResults may be sent */
        const char *items, *key; /* "imagesSet/item", which differ in "imageId" */
        void (*read)(void *context, const Xml *item);
        void *context;
} Ec2Pages;
bool ec2_read_pages(AwsSession *session, const Ec2Pages *pages, Error **err);

/* Calls an action with one id; that it is not there (any more) is success. */
bool ec2_remove_by_id(
        AwsSession *session, const char *action, const char *parameter, const char *id, Error **err);

/* DescribeImages with that form; sized: it names no ids. */
bool ec2_read_images(AwsSession *session, const AwsForm *form, bool sized, Ec2Images *ret, Error **err);
