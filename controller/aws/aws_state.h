/* What an Aws holds; for aws.c, signed_request.c and s3_request.c alone. */
#pragma once

#include <pthread.h>

#include "aws/assumed_role.h"
#include "aws/aws.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/throttle.h"
#include "net/http_client.h"

enum {
        AWS_MAX_IDLE_CLIENTS = 16,
        AWS_MAX_PLACES = 256,
        AWS_MAX_BUCKETS = 64,
        AWS_RETRY_TOKENS = 500,
};

/* One service in one region, as one account sees it: AWS counts calls by account. */
typedef struct AwsPlace {
        char *key; /* "ec2 eu-west-1 123456789012" */
        Throttle throttle;
        int64_t clock_offset_us; /* its clock minus ours */
        int retry_tokens;        /* spent by retries, earned by successes: no storm of retries in an outage */
} AwsPlace;

/* A bucket that S3 said is not where it was looked for. */
typedef struct AwsBucket {
        char *name, *region;
} AwsBucket;

struct Aws {
        char *region, *endpoint_url, *ca_file;
        int64_t poll_interval_ms, retry_base_ms;
        const char *const *environment;
        Profile *profile; /* may be NULL */
        CredentialsProvider *credentials;
        bool anonymous;
        AssumedRoles *roles;
        void (*called)(void *context, const AwsAttempt *attempt); /* may be NULL */
        void *called_context;

        pthread_mutex_t lock; /* guards all below */
        HttpClient *idle[AWS_MAX_IDLE_CLIENTS];
        size_t idle_count;
        AwsPlace places[AWS_MAX_PLACES];
        size_t place_count;
        AwsBucket buckets[AWS_MAX_BUCKETS];
        size_t bucket_count;
};

HttpClient *aws_take_client(Aws *aws);
void aws_return_client(Aws *aws, HttpClient *client);
/* Call with the lock held. */
AwsPlace *aws_place(Aws *aws, const char *service, const char *region, const AwsRole *role);
