#include "aws/aws.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/aws_state.h"
#include "base/memory.h"
#include "base/text.h"

enum { POLL_INTERVAL_MS = 5000, RETRY_BASE_MS = 1000, SLEEP_SLICE_MS = 200 };

static char *copy_or_null(const char *string) {
        return text_empty(string) ? NULL : xstrdup(string);
}

static char *choose_region(
        const AwsOptions *options, const char *const *environment, const Profile *profile) {
        const char *region = options->region;

        if (text_empty(region))
                region = environment_value(environment, "AWS_REGION");
        if (text_empty(region))
                region = environment_value(environment, "AWS_DEFAULT_REGION");
        if (text_empty(region))
                region = profile_value(profile, "region");
        return copy_or_null(region);
}

static CredentialsProvider *choose_credentials(const AwsOptions *options, const char *const *environment) {
        const CredentialsSource own = credentials_from_set(options->credentials);
        const CredentialsSource chain[] = {
                credentials_from_keys(options->access_key_id, options->secret_access_key, NULL),
                credentials_from_environment(environment),
                credentials_from_profile(environment, options->profile),
                credentials_from_web_identity(environment),
                credentials_from_container(environment),
                credentials_from_metadata(environment),
        };

        if (!options->credentials)
                return credentials_provider_new(chain, sizeof(chain) / sizeof(chain[0]));
        for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++)
                if (chain[i].free)
                        chain[i].free(chain[i].context);
        return credentials_provider_new(&own, 1);
}

Aws *aws_new(const AwsOptions *options, Error **err) {
        const char *const *environment =
                options->environment ? options->environment : (const char *const *) environ;
        CLEANUP(profile_free) Profile *profile = NULL;

        if (!profile_load(environment, options->profile, &profile, err))
                return NULL;
        Aws *aws = xcalloc(1, sizeof(*aws));
        aws->region = choose_region(options, environment, profile);
        aws->endpoint_url = copy_or_null(options->endpoint_url);
        aws->ca_file = copy_or_null(
                options->ca_file ? options->ca_file : environment_value(environment, "AWS_CA_BUNDLE"));
        aws->poll_interval_ms = options->poll_interval_ms ? options->poll_interval_ms : POLL_INTERVAL_MS;
        aws->retry_base_ms = options->retry_base_ms ? options->retry_base_ms : RETRY_BASE_MS;
        aws->environment = environment;
        aws->profile = TAKE(profile);
        aws->credentials = choose_credentials(options, environment);
        aws->anonymous = options->anonymous;
        aws->called = options->called;
        aws->called_context = options->context;
        aws->roles = assumed_roles_new(aws);
        pthread_mutex_init(&aws->lock, NULL);
        return aws;
}

void aws_free(Aws *aws) {
        if (!aws)
                return;
        for (size_t i = 0; i < aws->idle_count; i++)
                http_client_free(aws->idle[i]);
        for (size_t i = 0; i < aws->place_count; i++)
                free(aws->places[i].key);
        for (size_t i = 0; i < aws->bucket_count; i++) {
                free(aws->buckets[i].name);
                free(aws->buckets[i].region);
        }
        assumed_roles_free(aws->roles);
        credentials_provider_free(aws->credentials);
        profile_free(aws->profile);
        pthread_mutex_destroy(&aws->lock);
        free(aws->region);
        free(aws->endpoint_url);
        free(aws->ca_file);
        free(aws);
}

const char *aws_region(const Aws *aws) {
        return aws->region;
}

int64_t aws_poll_interval_ms(const Aws *aws) {
        return aws->poll_interval_ms;
}

HttpClient *aws_take_client(Aws *aws) {
        HttpClient *client = NULL;

        pthread_mutex_lock(&aws->lock);
        if (aws->idle_count > 0)
                client = aws->idle[--aws->idle_count];
        pthread_mutex_unlock(&aws->lock);
        return client ? client : http_client_new(&(HttpClientOptions){ .ca_file = aws->ca_file });
}

void aws_return_client(Aws *aws, HttpClient *client) {
        pthread_mutex_lock(&aws->lock);
        if (aws->idle_count < AWS_MAX_IDLE_CLIENTS)
                aws->idle[aws->idle_count++] = TAKE(client);
        pthread_mutex_unlock(&aws->lock);
        http_client_free(client);
}

AwsPlace *aws_place(Aws *aws, const char *service, const char *region, const AwsRole *role) {
        CLEANUP(free) char *key = xasprintf("%s %s %s", service, region, role ? role->account_id : "");

        for (size_t i = 0; i < aws->place_count; i++)
                if (text_equal(aws->places[i].key, key))
                        return &aws->places[i];
        if (aws->place_count == AWS_MAX_PLACES)
                return &aws->places[AWS_MAX_PLACES - 1]; /* shared: slower at worst */
        AwsPlace *place = &aws->places[aws->place_count++];
        place->key = TAKE(key);
        place->retry_tokens = AWS_RETRY_TOKENS;
        return place;
}

bool aws_session_sleep(const AwsSession *session, int64_t duration_ms, Error **err) {
        Deadline end = deadline_after_ms(duration_ms);

        for (;;) {
                if (session->cancelled && session->cancelled(session->context))
                        return error_set(err, ERROR_CANCELLED, "cancelled");
                if (deadline_passed(session->deadline))
                        return error_set(err, ERROR_TIMEOUT, "the deadline has passed");
                int left_ms = deadline_left_ms(end);
                if (left_ms == 0)
                        return true;
                clock_sleep_ms(left_ms < SLEEP_SLICE_MS ? left_ms : SLEEP_SLICE_MS);
        }
}
