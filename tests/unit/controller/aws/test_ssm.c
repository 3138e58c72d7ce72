/* Parameters, by JSON 1.1. */
#include "harness/aws_case.h"

#include "aws/ssm.h"

static void a_parameter_is_read(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "{\"Parameter\":{\"Name\":\"/a/b\",\"Value\":\"ami-1\",\"Version\":3}}" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(free) char *value = NULL;

        (void) state;
        assert_ok(ssm_get_parameter(&test.session, "/a/b", &value, err));
        assert_string_equal(value, "ami-1");
        const char *request = scripted_http_request(test.server, 0);
        assert_non_null(strstr(request, "Content-Type: application/x-amz-json-1.1\r\n"));
        assert_non_null(strstr(request, "X-Amz-Target: AmazonSSM.GetParameter\r\n"));
        assert_non_null(strstr(request, "SignedHeaders=content-type;host;x-amz-date;x-amz-target"));
        assert_non_null(strstr(request, "\"Name\":\"/a/b\""));
}

static void errors_are_understood_in_json_too(void **state) {
        static const ScriptedReply replies[] = {
                { 400, .headers = "x-amzn-RequestId: r-1\r\n",
                  .body = "{\"__type\":\"com.amazonaws.ssm#ParameterNotFound\",\"message\":\"no such\"}" },
                { 400, .body = "{\"__type\":\"ThrottlingException\",\"Message\":\"Rate exceeded\"}" },
                { 200, .body = "{\"Parameter\":{\"Value\":\"v\"}}" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(free) char *value = NULL, *none = NULL;

        (void) state;
        assert_fails(
                ERROR_NOT_FOUND, "GetParameter: ParameterNotFound: no such (request r-1)",
                ssm_get_parameter(&test.session, "/a/b", &none, err));
        assert_ok(ssm_get_parameter(&test.session, "/a/b", &value, err));
        assert_string_equal(value, "v");
        assert_int_equal(scripted_http_request_count(test.server), 3);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_parameter_is_read),
                cmocka_unit_test(errors_are_understood_in_json_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
