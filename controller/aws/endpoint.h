/* Where a service is reached, and by what name and region its requests are signed. */
#pragma once

#include "aws/profile.h"
#include "base/error.h"

typedef enum AwsHosts {
        AWS_HOSTS_REGIONAL, /* ec2.<region>.<suffix> */
        AWS_HOSTS_GLOBAL,   /* one for a whole partition, signed for one region of it */
        AWS_HOSTS_S3,       /* regional, with its own word for dual-stack */
} AwsHosts;

typedef struct AwsService {
        const char *host;         /* first label of its host: "ec2" */
        const char *signing_name; /* "ec2" */
        const char *variable;     /* AWS_ENDPOINT_URL_<this>: "EC2" */
        const char *version;      /* of its query API */
        AwsHosts hosts;
} AwsService;

extern const AwsService aws_autoscaling;
extern const AwsService aws_ec2;
extern const AwsService aws_elb; /* classic load balancers */
extern const AwsService aws_elbv2;
extern const AwsService aws_s3;
extern const AwsService aws_iam;
extern const AwsService aws_ssm; /* JSON 1.1 */
extern const AwsService aws_sts;

typedef struct EndpointSources {
        const char *setting; /* endpoint of the settings, for all services; NULL: none */
        const char *const *environment;
        const Profile *profile; /* may be NULL */
} EndpointSources;

typedef struct Endpoint {
        char *url;       /* with a path, at least "/" */
        char *authority; /* the Host header */
        char *path;
        char *signing_region;
} Endpoint;

/* Strongest first: setting, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section and
 * its endpoint_url, the public host. AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT (or the profile)
 * pick among the public hosts; together with a configured endpoint they are refused. */
bool endpoint_resolve(
        const AwsService *service, const char *region, const EndpointSources *sources, Endpoint *ret,
        Error **err);
void endpoint_clear(Endpoint *endpoint);
static inline void endpoint_clearp(Endpoint *endpoint) {
        endpoint_clear(endpoint);
}

/* "aws", "aws-cn", "aws-us-gov", "aws-eusc": what the region's names (ARNs) begin with. */
const char *region_partition(const char *region);

/* Looks like a region: it becomes a part of a host name. */
bool region_is_valid(const char *region);
