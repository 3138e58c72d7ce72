#include "aws/endpoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/url.h"

const AwsService aws_autoscaling = { "autoscaling", "autoscaling", "AUTO_SCALING", "2011-01-01" };
const AwsService aws_ec2 = { "ec2", "ec2", "EC2", "2016-11-15" };
const AwsService aws_elb = { "elasticloadbalancing", "elasticloadbalancing", "ELASTIC_LOAD_BALANCING",
                             "2012-06-01" };
const AwsService aws_elbv2 = { "elasticloadbalancing", "elasticloadbalancing", "ELASTIC_LOAD_BALANCING_V2",
                               "2015-12-01" };
const AwsService aws_s3 = { "s3", "s3", "S3", "2006-03-01", AWS_HOSTS_S3 };
const AwsService aws_iam = { "iam", "iam", "IAM", "2010-05-08", AWS_HOSTS_GLOBAL };
const AwsService aws_ssm = { "ssm", "ssm", "SSM", "2014-11-06" };
const AwsService aws_sts = { "sts", "sts", "STS", "2011-06-15" };

/* ^[a-z]{2,4}(-[a-z]+)+-[0-9]+$ */
bool region_is_valid(const char *region) {
        CLEANUP(string_list_clear) StringList parts = { 0 };

        if (text_empty(region) || strlen(region) > 32)
                return false;
        text_split(region, '-', &parts);
        if (parts.count < 3)
                return false;
        size_t first = strlen(parts.items[0]);
        if (first < 2 || first > 4)
                return false;
        for (size_t i = 0; i < parts.count; i++) {
                const char *part = parts.items[i];
                const char *alphabet = i + 1 < parts.count ? "abcdefghijklmnopqrstuvwxyz" : "0123456789";

                if (!*part || part[strspn(part, alphabet)])
                        return false;
        }
        return true;
}

typedef enum Variant { PLAIN = 0, FIPS = 1, DUAL_STACK = 2, VARIANT_COUNT = 4 } Variant;

/* The first that the region begins with. */
static const struct Partition {
        const char *start, *name, *suffix, *dual_suffix;
        bool has_fips;
        bool plain_is_fips; /* the plain hosts are the FIPS ones */
        const char *global_hosts[VARIANT_COUNT], *global_region;
} partitions[] = {
        { "cn-",
          "aws-cn",
          "amazonaws.com.cn",
          "api.amazonwebservices.com.cn",
          false,
          false,
          { "cn-north-1.amazonaws.com.cn", NULL, "global.api.amazonwebservices.com.cn", NULL },
          "cn-north-1" },
        { "us-gov-",
          "aws-us-gov",
          "amazonaws.com",
          "api.aws",
          true,
          true,
          { "us-gov.amazonaws.com", "us-gov.amazonaws.com", "us-gov.api.aws", "us-gov.api.aws" },
          "us-gov-west-1" },
        { "eusc-",
          "aws-eusc",
          "amazonaws.eu",
          "api.amazonwebservices.eu",
          true,
          false,
          { "eusc-de-east-1.amazonaws.eu", "amazonaws.eu", "api.amazonwebservices.eu",
            "api.amazonwebservices.eu" },
          "eusc-de-east-1" },
        { "",
          "aws",
          "amazonaws.com",
          "api.aws",
          true,
          false,
          { "amazonaws.com", "amazonaws.com", "global.api.aws", "global.api.aws" },
          "us-east-1" },
};

static const struct Partition *partition_of(const char *region) {
        const struct Partition *partition = partitions;

        while (!text_starts_with(region, partition->start))
                partition++;
        return partition;
}

const char *region_partition(const char *region) {
        return partition_of(region)->name;
}

/* Borrowed from the sources; NULL: nothing configured. */
static const char *configured(const AwsService *service, const EndpointSources *sources) {
        CLEANUP(free) char *variable = xasprintf("AWS_ENDPOINT_URL_%s", service->variable);
        const char *const *environment = sources->environment;
        const char *url;

        if (!text_empty(sources->setting))
                return sources->setting;
        if (text_equal(environment_value(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true"))
                return NULL;
        url = environment_value(environment, variable);
        if (!url)
                url = environment_value(environment, "AWS_ENDPOINT_URL");
        if (!url)
                url = profile_service_value(sources->profile, service->variable, "endpoint_url");
        return url ? url : profile_value(sources->profile, "endpoint_url");
}

static bool is_on(const EndpointSources *sources, const char *variable, const char *key) {
        const char *value = environment_value(sources->environment, variable);

        return text_equal(value ? value : profile_value(sources->profile, key), "true");
}

static Variant variant(const EndpointSources *sources) {
        bool fips = is_on(sources, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        bool dual_stack = is_on(sources, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");

        return (fips ? FIPS : PLAIN) | (dual_stack ? DUAL_STACK : PLAIN);
}

/* Caller frees. */
static char *public_url(const AwsService *service, const char *region, Variant variant) {
        const struct Partition *partition = partition_of(region);
        bool global = service->hosts == AWS_HOSTS_GLOBAL, s3 = service->hosts == AWS_HOSTS_S3;
        bool dual_stack = variant & DUAL_STACK;
        /* GovCloud's plain hosts are FIPS already; only S3, and dual-stack hosts, have names of their own. */
        bool said = variant & FIPS && !(partition->plain_is_fips && (global || (!s3 && !dual_stack)));
        const char *fips = said ? "-fips" : "";

        if (global)
                return xasprintf("https://%s%s.%s", service->host, fips, partition->global_hosts[variant]);
        if (s3)
                return xasprintf(
                        "https://s3%s%s.%s.%s", fips, dual_stack ? ".dualstack" : "", region,
                        partition->suffix);
        return xasprintf(
                "https://%s%s.%s.%s", service->host, fips, region,
                dual_stack ? partition->dual_suffix : partition->suffix);
}

static bool find_url(
        const AwsService *service, const char *region, const EndpointSources *sources, char **ret,
        Error **err) {
        const char *custom = configured(service, sources);
        Variant wanted = variant(sources);

        if (custom && wanted != PLAIN)
                return error_set(
                        err, ERROR_INVALID,
                        "endpoint of %s: %s is configured, so FIPS and dual-stack endpoints cannot be asked "
                        "for; switch one of them off",
                        service->host, custom);
        if (wanted & FIPS && !partition_of(region)->has_fips)
                return error_set(
                        err, ERROR_INVALID, "endpoint of %s: %s has no FIPS endpoints", service->host,
                        partition_of(region)->name);
        *ret = custom ? xstrdup(custom) : public_url(service, region, wanted);
        return true;
}

bool endpoint_resolve(
        const AwsService *service, const char *region, const EndpointSources *sources, Endpoint *ret,
        Error **err) {
        CLEANUP(url_clear) Url url = { 0 };
        CLEANUP(free) char *text = NULL;

        if (!region_is_valid(region))
                return error_set(err, ERROR_INVALID, "'%.40s' is not an AWS region", region ? region : "");
        if (!find_url(service, region, sources, &text, err))
                return false;
        if (!url_parse(text, &url, err))
                return error_prefix(err, "endpoint of %s", service->host);
        if (url.query)
                return error_set(err, ERROR_INVALID, "endpoint of %s: a query is refused", service->host);

        ret->path = text_ends_with(url.path, "/") ? xstrdup(url.path) : xasprintf("%s/", url.path);
        ret->url = xasprintf("%s://%s%s", url.scheme, url.authority, ret->path);
        ret->authority = TAKE(url.authority);
        ret->signing_region =
                xstrdup(service->hosts == AWS_HOSTS_GLOBAL ? partition_of(region)->global_region : region);
        return true;
}

void endpoint_clear(Endpoint *endpoint) {
        free(endpoint->url);
        free(endpoint->authority);
        free(endpoint->path);
        free(endpoint->signing_region);
        *endpoint = (Endpoint){ 0 };
}
