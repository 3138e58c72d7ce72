/* What the answers of /aws/… look like, for the description of the API. */
#pragma once

#include "json/schema.h"

extern const Schema aws_regions_schema;
extern const Schema aws_vpcs_schema;
extern const Schema aws_subnets_schema;
extern const Schema aws_security_groups_schema;
extern const Schema aws_key_pairs_schema;
extern const Schema aws_instance_types_schema;
extern const Schema aws_instance_profiles_schema;
extern const Schema aws_images_schema;
extern const Schema aws_autoscaling_groups_schema;
extern const Schema aws_load_balancers_schema;
extern const Schema aws_target_groups_schema;
