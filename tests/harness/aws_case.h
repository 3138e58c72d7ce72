/* A client of AWS and a scripted server in its place. */
#pragma once

#include "aws/aws.h"
#include "harness/ghost_test.h"
#include "harness/golden_request.h"
#include "harness/scripted_http.h"

typedef struct AwsCase {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
} AwsCase;

static inline void aws_case_clearp(AwsCase *test) {
        aws_free(test->aws);
        scripted_http_stop(test->server);
}

static inline AwsCase aws_case_start(ScriptedHttp *server) {
        static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
                                                   NULL };
        AwsCase test = { .server = server };
        const AwsOptions options = { .region = "eu-west-1",
                                     .endpoint_url = scripted_http_url(server),
                                     .access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = "secret",
                                     .poll_interval_ms = 5,
                                     .retry_base_ms = 2,
                                     .environment = environment };

        assert_ok(test.aws = aws_new(&options, err));
        test.session = (AwsSession){ .aws = test.aws, .deadline = deadline_after_ms(20000) };
        return test;
}
#define AWS_CASE(table) aws_case_start(scripted_http_start_table(table))

/* How EC2 says no. */
#define AWS_CASE_ERROR(code, text)                                                                           \
        "<Response><Errors><Error><Code>" code "</Code><Message>" text                                       \
        "</Message></Error></Errors><RequestID>req-1</RequestID></Response>"

/* Value of a form parameter of the request, decoded; NULL: not there. Caller frees. */
static inline char *aws_case_sent(AwsCase *test, size_t index, const char *name) {
        const char *request = scripted_http_request(test->server, index);
        const char *body = request ? strstr(request, "\r\n\r\n") : NULL;
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(body ? body + 4 : "", '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                size_t length = strcspn(parts.items[i], "=");
                const char *rest = parts.items[i] + length + (parts.items[i][length] == '=' ? 1 : 0);
                CLEANUP(free) char *key = url_decode(parts.items[i], length, NULL);

                if (text_equal(key, name))
                        return url_decode(rest, strlen(rest), NULL);
        }
        return NULL;
}

static inline void assert_sent(AwsCase *test, size_t index, const char *name, const char *value) {
        CLEANUP(free) char *sent = aws_case_sent(test, index, name);

        if (!text_equal(sent, value))
                fail_msg(
                        "request %zu: %s is '%s' instead of '%s'", index, name, sent ? sent : "(not there)",
                        value ? value : "(not there)");
}
