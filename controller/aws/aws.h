/* Aws: one account's door to AWS, or to whatever stands at the configured endpoint.
 *
 * Aws is made once and shared by all threads; an AwsSession is one thread's use of it for one piece of work:
 * where, until when, and who may stop it. Calls block. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

typedef struct Aws Aws;

/* One request that was sent, and what came of it. */
typedef struct AwsAttempt {
        const char *service, *action;
        const char *result; /* "ok", or the word of its AwsErrorClass */
        int64_t duration_ms;
} AwsAttempt;

typedef struct AwsOptions {
        const char
                *region; /* of sessions that name none; NULL: AWS_REGION, AWS_DEFAULT_REGION, the profile's */
        const char *endpoint_url; /* every service is reached here; NULL: see aws/endpoint.h */
        const char *access_key_id, *secret_access_key; /* NULL: environment, shared files, web identity,
                                                        * container, the instance's role */
        const struct Credentials *credentials;         /* these and no others; NULL: as above */
        bool anonymous;                                /* nothing is signed */
        const char *profile;                           /* NULL: AWS_PROFILE, else "default" */
        const char *ca_file;                           /* NULL: AWS_CA_BUNDLE, else the system's */
        int64_t poll_interval_ms;                      /* of waits; 0: 5,000 */
        int64_t retry_base_ms;                         /* first pause after a throttled call; 0: 1,000 */
        void (*called)(void *context, const AwsAttempt *attempt); /* after each; any thread; NULL:
                                                                   * nobody wants to know */
        void *context;
        const char *const
                *environment; /* "NAME=value", NULL-terminated, outlives the Aws; NULL: the process's own */
} AwsOptions;

/* Strings of options are copied. Nothing is sent. */
Aws *aws_new(const AwsOptions *options, Error **err);
void aws_free(Aws *aws);
CLEANUP_DEFINE(Aws, aws_free);

const char *aws_region(const Aws *aws); /* NULL: none configured */

/* What AWS answered when a call failed, by what a caller can do about it. */
typedef enum AwsErrorClass {
        AWS_ERROR_NONE,
        AWS_ERROR_THROTTLED,
        AWS_ERROR_TRANSIENT,   /* the server or the way to it */
        AWS_ERROR_CREDENTIALS, /* expired or unknown keys */
        AWS_ERROR_CLOCK,       /* signature or clock */
        AWS_ERROR_PERMISSION,
        AWS_ERROR_NOT_FOUND, /* not there, or not yet visible */
        AWS_ERROR_CAPACITY,  /* another subnet, zone or type may do */
        AWS_ERROR_QUOTA,
        AWS_ERROR_STATE,     /* possible later */
        AWS_ERROR_DUPLICATE, /* it is there already */
        AWS_ERROR_CALLER,    /* a bug or a wrong parameter */
        AWS_ERROR_CLASS_COUNT,
} AwsErrorClass;
const char *aws_error_class_word(AwsErrorClass class); /* "throttled", "not_found" … */

typedef struct AwsFailure {
        AwsErrorClass class;
        int status;    /* HTTP; 0: no answer */
        char code[80]; /* "InvalidInstanceID.NotFound"; "": none */
} AwsFailure;

/* A role of another account, which the Aws's own identity may assume. */
typedef struct AwsRole {
        const char *account_id, *name;
        const char *external_id; /* NULL or "": none */
        const char *region;      /* whose STS is asked; NULL: the session's */
} AwsRole;

typedef struct AwsSession {
        Aws *aws;
        const char *region;               /* NULL: the Aws's own */
        const AwsRole *role;              /* whose rights the calls have; NULL: the Aws's own identity */
        Deadline deadline;                /* of every call and wait in the session */
        bool (*cancelled)(void *context); /* asked at least once a second; NULL: never */
        void *context;
        AwsFailure failure; /* of the last call that failed */
} AwsSession;

/* Sleeps unless cancelled or past the deadline: then false with CANCELLED or TIMEOUT. */
bool aws_session_sleep(const AwsSession *session, int64_t duration_ms, Error **err);
int64_t aws_poll_interval_ms(const Aws *aws);
