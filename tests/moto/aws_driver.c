/* Makes AWS calls by the product's own functions, for test_moto.py:
 *   aws-driver ENDPOINT ACCESS_KEY_ID SECRET [REGION]
 * Each line of standard input is {"service":…,"operation":…,"parameters":{…}}, each answer a line with the
 * result, or {"error":…,"class":…,"status":…}. "--list" prints the calls there are instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "harness/aws_calls.h"

static void print_calls(void) {
        for (const AwsCalls *const *calls = aws_calls; *calls; calls++)
                for (size_t i = 0; i < (*calls)->count; i++)
                        (void) printf("%s %s\n", (*calls)->items[i].service, (*calls)->items[i].operation);
}

static Document *failure_of(const AwsSession *session, const Error *error) {
        Document *failure = document_object();

        document_set_string(failure, "error", error_message(error));
        document_set_string(failure, "class", aws_error_class_word(session->failure.class));
        document_set_int(failure, "status", session->failure.status);
        return failure;
}

static bool obey(Aws *aws, const char *line, Document **ret, Error **err) {
        CLEANUP(document_free) Document *order = document_parse(line, strlen(line), err);
        CLEANUP(error_free) Error *error = NULL;
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(30000) };

        if (!order)
                return false;
        const AwsCall *call =
                aws_call_find(document_get_string(order, "service"), document_get_string(order, "operation"));
        if (!call)
                return error_set(
                        err, ERROR_INVALID, "no call %s %s", document_get_string(order, "service"),
                        document_get_string(order, "operation"));
        if (!call->run(&session, document_get(order, "parameters"), ret, &error))
                *ret = failure_of(&session, error);
        return true;
}

int main(int argc, char **argv) {
        static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
                                                   NULL };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *line = NULL;
        size_t room = 0;

        if (argc == 2 && strcmp(argv[1], "--list") == 0) {
                print_calls();
                return 0;
        }
        if (argc != 4 && argc != 5)
                return 2;
        CLEANUP(aws_free)
        Aws *aws =
                aws_new(&(AwsOptions){ .region = argc == 5 ? argv[4] : "us-east-1",
                                       .endpoint_url = argv[1],
                                       .access_key_id = argv[2],
                                       .secret_access_key = argv[3],
                                       .retry_base_ms = 1,
                                       .environment = environment },
                        &error);
        if (!aws) {
                (void) fprintf(stderr, "%s\n", error_message(error));
                return 1;
        }
        while (getline(&line, &room, stdin) > 0) {
                CLEANUP(document_free) Document *answer = NULL;

                if (!obey(aws, line, &answer, &error)) {
                        (void) fprintf(stderr, "%s\n", error_message(error));
                        return 1;
                }
                CLEANUP(free) char *text = answer ? document_text(answer) : xstrdup("{}");
                (void) printf("%s\n", text);
                (void) fflush(stdout);
        }
        return 0;
}
