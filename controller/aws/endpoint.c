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
const AwsService aws_s3 = { "s3", "s3", "S3", "2006-03-01" };
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

/* The first that the region begins with. */
static const struct Partition {
        const char *start, *name, *suffix;
} partitions[] = {
        { "cn-", "aws-cn", "amazonaws.com.cn" },
        { "us-gov-", "aws-us-gov", "amazonaws.com" },
        { "eusc-", "aws-eusc", "amazonaws.eu" },
        { "", "aws", "amazonaws.com" },
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
        return url ? url : profile_value(sources->profile, "endpoint_url");
}

bool endpoint_resolve(
        const AwsService *service, const char *region, const EndpointSources *sources, Endpoint *ret,
        Error **err) {
        CLEANUP(url_clear) Url url = { 0 };
        CLEANUP(free) char *text = NULL;
        const char *custom = configured(service, sources);

        if (!region_is_valid(region))
                return error_set(err, ERROR_INVALID, "'%.40s' is not an AWS region", region ? region : "");
        text = custom ? xstrdup(custom)
                      : xasprintf("https://%s.%s.%s", service->host, region, partition_of(region)->suffix);
        if (!url_parse(text, &url, err))
                return error_prefix(err, "endpoint of %s", service->host);
        if (url.query)
                return error_set(err, ERROR_INVALID, "endpoint of %s: a query is refused", service->host);

        ret->path = text_ends_with(url.path, "/") ? xstrdup(url.path) : xasprintf("%s/", url.path);
        ret->url = xasprintf("%s://%s%s", url.scheme, url.authority, ret->path);
        ret->authority = TAKE(url.authority);
        ret->signing_region = xstrdup(region);
        return true;
}

void endpoint_clear(Endpoint *endpoint) {
        free(endpoint->url);
        free(endpoint->authority);
        free(endpoint->path);
        free(endpoint->signing_region);
        *endpoint = (Endpoint){ 0 };
}
