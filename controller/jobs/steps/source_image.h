/* What an image is made from: named by id, by owner and name, or by a parameter of AWS. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* One of the three; "" and NULL: not this one. */
typedef struct SourceImageSpec {
        const char *id;
        const char *filter_owner;  /* "self", "amazon", "136693071363"; none: "self" */
        const char *filter_name;   /* with '*' and '?' */
        const char *parameter;     /* "/aws/service/debian/release/12/latest/amd64" */
        const char *instance_type; /* that it must run on */
} SourceImageSpec;

/* Resolved once: a job that is resumed goes on with the image it began with. Checked: it is available, and
 * made for the instance type. Caller frees. */
bool source_image_resolve(Ec2Work *work, const SourceImageSpec *spec, char **ret_id, Error **err);
