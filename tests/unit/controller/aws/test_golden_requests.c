/* All requests that botocore was asked to write: those that the product sends, written by its own functions
 * from the same parameters; the others by the forms they share, so that names and lists are checked too. */
#include "harness/aws_calls.h"
#include "harness/aws_case.h"

#include <dirent.h>
#include <regex.h>

#include "aws/query_form.h"
#include "aws/s3_request.h"
#include "base/crypto.h"
#include "base/file.h"

/* What is sent otherwise than botocore's parameters have it, and why. A name that ends in a dot is all below
 * it. */
static const struct Difference {
        const char *operation, *name, *why;
} differences[] = {
        { "RunInstances", "UserData", "given as text" },
        { "RunInstances", "TagSpecification.3.", "network interfaces are tagged too" },
        { "CreateLaunchTemplate", "VersionDescription", "the hash of the content" },
        { "CreateLaunchTemplate", "LaunchTemplateData.UserData", "given as text" },
        { "CreateLaunchTemplate", "LaunchTemplateData.TagSpecification.2.", "volumes are tagged too" },
        { "CreateLaunchTemplate", "LaunchTemplateData.TagSpecification.3.", "interfaces are tagged too" },
        { "CreateLaunchTemplateVersion", "VersionDescription", "the hash of the content" },
        { "CreateLaunchTemplateVersion", "LaunchTemplateData.Monitoring.Enabled", "always said" },
        { "CreateLaunchTemplateVersion", "LaunchTemplateData.MetadataOptions.HttpTokens", "always said" },
        { "CreateLaunchTemplateVersion", "LaunchTemplateData.NetworkInterface.", "always said" },
        { "CopyImage", "TagSpecification.2.", "snapshots are tagged too" },
        { "DescribeLaunchTemplates", "Filter.1.", "by name, so that none is an empty list" },
        { "DescribeInstanceTypeOfferings", "Filter.1.Name", "only ever by location" },
        { "ListInstanceProfiles", "MaxItems", "as many as one page can have" },
        { "GetParameter", "WithDecryption", "secrets come decrypted" },
        { "ListObjectsV2", "delimiter", "objects at all depths" },
        { "ListObjectsV2", "continuation-token", "of the second page" },
        { "ListObjectsV2", "max-keys", "as many as one page can have" },
        { "DescribeImages", "MaxResults", "as many as one page can have" },
        { "DescribeInstanceTypeOfferings", "MaxResults", "as many as one page can have" },
        { "DescribeInstances", "MaxResults", "as many as one page can have" },
        { "DescribeLaunchTemplateVersions", "MaxResults", "as many as one page can have" },
        { "DescribeSecurityGroups", "MaxResults", "as many as one page can have" },
        { "DescribeSnapshots", "MaxResults", "as many as one page can have" },
        { "DescribeSubnets", "MaxResults", "as many as one page can have" },
        { "DescribeVolumes", "MaxResults", "as many as one page can have" },
        { "DescribeVpcs", "MaxResults", "as many as one page can have" },
};

/* How many of botocore's parameters the product has no use for. */
static const struct Unsent {
        const char *service, *operation;
        size_t count;
} unsent[] = {
        { "ec2", "RunInstances", 24 },
        { "ec2", "DescribeInstances", 4 },
        { "ec2", "DescribeInstanceStatus", 6 },
        { "ec2", "CreateTags", 1 },
        { "ec2", "CreateImage", 5 },
        { "ec2", "DescribeImages", 5 },
        { "ec2", "DeregisterImage", 1 },
        { "ec2", "CopyImage", 1 },
        { "ec2", "DescribeSnapshots", 3 },
        { "ec2", "DescribeVolumes", 1 },
        { "ec2", "CreateLaunchTemplate", 7 },
        { "ec2", "CreateLaunchTemplateVersion", 3 },
        { "ec2", "ModifyLaunchTemplate", 1 },
        { "ec2", "DescribeLaunchTemplates", 7 },
        { "ec2", "DescribeLaunchTemplateVersions", 6 },
        { "ec2", "DescribeSubnets", 2 },
        { "ec2", "DescribeSecurityGroups", 3 },
        { "ec2", "DescribeKeyPairs", 3 },
        { "ec2", "DescribeVpcs", 2 },
        { "ec2", "DescribeInstanceTypes", 3 },
        { "ec2", "DescribeInstanceTypeOfferings", 3 },
        { "ec2", "DescribeRegions", 2 },
        { "ec2", "DescribeAvailabilityZones", 1 },
        { "ec2", "GetConsoleOutput", 1 },
        { "autoscaling", "CreateAutoScalingGroup", 17 },
        { "autoscaling", "UpdateAutoScalingGroup", 2 },
        { "autoscaling", "DescribeAutoScalingGroups", 3 },
        { "autoscaling", "DescribeAutoScalingInstances", 2 },
        { "autoscaling", "StartInstanceRefresh", 5 },
        { "autoscaling", "DescribeInstanceRefreshes", 1 },
        { "autoscaling", "DescribeLifecycleHooks", 1 },
        { "elbv2", "CreateTargetGroup", 4 },
        { "elbv2", "DescribeTargetHealth", 1 },
        { "elbv2", "DescribeLoadBalancers", 3 },
        { "elbv2", "DescribeListeners", 2 },
        { "elb", "DescribeLoadBalancers", 2 },
        { "elb", "ModifyLoadBalancerAttributes", 5 },
        { "sts", "AssumeRole", 6 },
        { "iam", "ListInstanceProfiles", 2 },
};

static bool is_different(const char *operation, const char *name) {
        for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
                const struct Difference *row = &differences[i];

                if (text_equal(row->operation, operation) &&
                    (text_equal(row->name, name) ||
                     (text_ends_with(row->name, ".") && text_starts_with(name, row->name))))
                        return true;
        }
        return false;
}

static size_t expected_unsent(const char *service, const char *operation) {
        for (size_t i = 0; i < sizeof(unsent) / sizeof(unsent[0]); i++)
                if (text_equal(unsent[i].service, service) && text_equal(unsent[i].operation, operation))
                        return unsent[i].count;
        return 0;
}

/* ---- comparing forms ---- */

/* What botocore has of it: same names, same values; returns how many are not sent. */
static size_t compare_form(const char *operation, const char *body, const json_t *form) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        size_t same = 0;

        text_split(body, '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                size_t length = strcspn(parts.items[i], "=");
                const char *rest = parts.items[i] + length + (parts.items[i][length] == '=' ? 1 : 0);
                CLEANUP(free) char *name = url_decode(parts.items[i], length, NULL);
                CLEANUP(free) char *value = url_decode(rest, strlen(rest), NULL);
                const char *expected = json_string_value(json_object_get(form, name));

                if (is_different(operation, name))
                        continue;
                if (!text_equal(expected, value))
                        fail_msg(
                                "%s: %s is '%s', botocore's '%s'", operation, name, value,
                                expected ? expected : "(not there)");
                same++;
        }
        return json_object_size(form) - same;
}

static const char *member(const json_t *object, const char *name) {
        const char *text = json_string_value(json_object_get(object, name));

        return text ? text : "";
}

/* ---- by the product's own functions ---- */

static const char *body_of(const char *request) {
        const char *end = strstr(request, "\r\n\r\n");

        return end ? end + 4 : "";
}

static void compare_json(const json_t *golden, const char *request) {
        json_t *expected = json_loads(member(golden, "body"), 0, NULL);
        json_t *sent = json_loads(body_of(request), 0, NULL), *value;
        CLEANUP(free)
        char *target =
                xasprintf("X-Amz-Target: %s\r\n", member(json_object_get(golden, "headers"), "X-Amz-Target"));
        const char *name;

        assert_non_null(strstr(request, target));
        json_object_foreach(sent, name, value)
                if (!is_different(member(golden, "operation"), name))
                        assert_true(json_equal(value, json_object_get(expected, name)));
        json_decref(expected);
        json_decref(sent);
}

/* Method and path, and of the query what botocore has of it. */
static void compare_rest(const json_t *golden, const char *request) {
        const char *path = member(golden, "url_path"), *name;
        CLEANUP(free)
        char *line = xasprintf("%s %.*s", member(golden, "method"), (int) strcspn(path, "?"), path);
        json_t *value;

        if (!text_starts_with(request, line) || !strchr(" ?", request[strlen(line)]))
                fail_msg("%s: '%.60s' instead of '%s'", member(golden, "operation"), request, line);
        json_object_foreach(json_object_get(golden, "query"), name, value) {
                CLEANUP(free) char *parameter = xasprintf("%s=", name);
                size_t length = strcspn(request, "\r");
                CLEANUP(free) char *first = xstrndup(request, length);

                if (!is_different(member(golden, "operation"), name) && !strstr(first, parameter))
                        fail_msg("%s: no %s in %s", member(golden, "operation"), name, first);
        }
}

static void compare_by_product(const json_t *golden, const AwsCall *call) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(free) char *text = json_dumps(json_object_get(golden, "params"), 0);
        CLEANUP(error_free) Error *error = NULL, *problem = NULL;
        CLEANUP(document_free) Document *parameters = document_parse(text, strlen(text), &problem);
        CLEANUP(document_free) Document *answer = NULL;

        (void) call->run(&test.session, parameters, &answer, &error); /* the answer says nothing */
        if (scripted_http_request_count(test.server) == 0)
                fail_msg("%s %s: nothing was sent: %s", call->service, call->operation, error_message(error));
        const char *request = scripted_http_request(test.server, 0);
        const json_t *form = json_object_get(golden, "form");
        if (!form) {
                if (text_equal(call->service, "ssm"))
                        compare_json(golden, request);
                else
                        compare_rest(golden, request);
                return;
        }
        size_t missing = compare_form(call->operation, body_of(request), form);
        size_t expected = expected_unsent(call->service, call->operation);
        /* One stands there three times, each time with other parameters. */
        if (missing != expected && !text_equal(call->operation, "DescribeTargetGroups"))
                fail_msg(
                        "%s %s: %zu of botocore's parameters are not sent, expected %zu", call->service,
                        call->operation, missing, expected);
}

/* ---- by the forms that all share ---- */

static bool is_blob(const char *path) {
        return text_equal(path, "UserData.Value") || text_equal(path, "RawMessage.Data");
}

static void write_scalar(AwsForm *form, const char *path, const json_t *value) {
        const char *text = json_string_value(value);

        if (json_is_boolean(value))
                form_add_bool(form, json_is_true(value), path);
        else if (json_is_integer(value))
                form_add_int(form, json_integer_value(value), "%s", path);
        else if (text && is_blob(path)) {
                CLEANUP(free) char *encoded = base64_encode(text, strlen(text));
                form_add(form, encoded, "%s", path);
        } else
                form_add(form, text, "%s", path);
}

/* EC2 writes lists in the singular, or under a name of its own. */
static char *list_name(const char *path) {
        static const char *const own[][2] = { { "Resources", "ResourceId" }, { "Groups", "GroupId" } };

        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
                if (text_equal(own[i][0], path))
                        return xstrdup(own[i][1]);
        return xstrndup(path, strlen(path) - 1);
}

static void write_value(AwsForm *form, const char *path, const json_t *value, bool ec2) {
        const char *name;
        json_t *inner;
        size_t index;

        if (json_is_array(value)) {
                CLEANUP(free) char *list = ec2 ? list_name(path) : xasprintf("%s.member", path);

                json_array_foreach(value, index, inner) {
                        CLEANUP(free) char *item = xasprintf("%s.%zu", list, index + 1);
                        write_value(form, item, inner, ec2);
                }
        } else if (json_is_object(value)) {
                json_object_foreach((json_t *) value, name, inner) {
                        CLEANUP(free) char *below = *path ? xasprintf("%s.%s", path, name) : xstrdup(name);
                        write_value(form, below, inner, ec2);
                }
        } else
                write_scalar(form, path, value);
}

static void compare_generically(const json_t *golden) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        const char *operation = member(golden, "operation");
        bool ec2 = text_equal(member(golden, "protocol"), "ec2");

        form_add(&form, operation, "Action");
        form_add(&form, member(golden, "api_version"), "Version");
        write_value(&form, "", json_object_get(golden, "params"), ec2);
        assert_int_equal(compare_form(operation, form.body.data, json_object_get(golden, "form")), 0);
}

/* ---- of the other protocols, by what signs and sends all ---- */

static char *query_of(const json_t *golden) {
        const char *flag = strchr(member(golden, "url_path"), '?'), *name;
        Text query = { 0 };
        json_t *value;

        if (flag)
                url_append_parameter(&query, flag + 1, "");
        json_object_foreach(json_object_get(golden, "query"), name, value) {
                CLEANUP(free) char *number = xasprintf("%lld", (long long) json_integer_value(value));
                url_append_parameter(&query, name, json_is_string(value) ? json_string_value(value) : number);
        }
        return text_take(&query);
}

/* JSON out of the parameters; documents of S3 as they are. */
static char *body_to_send(const json_t *golden) {
        json_t *parameters = json_deep_copy(json_object_get(golden, "params"));
        json_t *raw = json_object_get(json_object_get(parameters, "Content"), "Raw");
        const char *text = json_string_value(json_object_get(raw, "Data"));
        char *body;

        if (text) {
                CLEANUP(free) char *encoded = base64_encode(text, strlen(text));
                json_object_set_new(raw, "Data", json_string(encoded));
        }
        body = text_equal(member(golden, "protocol"), "rest-xml") ? xstrdup(member(golden, "body"))
                                                                  : json_dumps(parameters, 0);
        json_decref(parameters);
        return body;
}

static bool send_to_service(
        AwsSession *session, const json_t *golden, SignedRequest *request, HttpResponse *ret, Error **err) {
        const AwsService service = { .host = member(golden, "endpoint_prefix"),
                                     .signing_name = member(golden, "signing_name"),
                                     .variable = "NONE",
                                     .version = member(golden, "api_version") };
        const EndpointSources sources = session_endpoints(session);
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };

        if (!endpoint_resolve(&service, "eu-west-1", &sources, &endpoint, err))
                return false;
        CLEANUP(free) char *url = xasprintf("%s%s", endpoint.url, member(golden, "url_path") + 1);
        free(endpoint.url);
        free(endpoint.path);
        endpoint.url = TAKE(url);
        endpoint.path = xstrdup(member(golden, "url_path"));
        request->service = &service;
        request->region = "eu-west-1";
        request->endpoint = &endpoint;
        return signed_request_send(session, request, ret, err);
}

static void check_sent(const json_t *golden, const char *request, const char *query) {
        const char *path = member(golden, "url_path"), *name;
        CLEANUP(free)
        char *line = xasprintf(
                "%s %.*s%s%s HTTP/1.1\r\n", member(golden, "method"), (int) strcspn(path, "?"), path,
                *query ? "?" : "", query);
        CLEANUP(free) char *scope = xasprintf("/%s/aws4_request", member(golden, "signing_name"));
        json_t *value;

        assert_has(request, line);
        assert_has(request, scope);
        json_object_foreach(json_object_get(golden, "headers"), name, value) {
                CLEANUP(free) char *header = xasprintf("\r\n%s: %s\r\n", name, json_string_value(value));
                assert_has(request, header);
        }
        if (text_equal(member(golden, "protocol"), "rest-xml")) {
                CLEANUP(free)
                char *hash = crypto_sha256_hex(member(golden, "body"), strlen(member(golden, "body")));
                assert_string_equal(body_of(request), member(golden, "body"));
                assert_has(request, hash);
                return;
        }
        json_t *expected = json_loads(member(golden, "body"), 0, NULL);
        json_t *sent = json_loads(body_of(request), 0, NULL);
        assert_true(expected && json_equal(expected, sent));
        json_decref(expected);
        json_decref(sent);
}

static void compare_by_signing(const json_t *golden) {
        static const ScriptedReply replies[] = { { 200, .body = "{}" } };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(string_list_clear) StringList headers = { 0 };
        CLEANUP(free) char *query = query_of(golden), *body = body_to_send(golden);
        const json_t *parameters = json_object_get(golden, "params");
        const S3Object object = { .bucket = member(parameters, "Bucket"), .key = member(parameters, "Key") };
        const char *name;
        json_t *value;

        json_object_foreach(json_object_get(golden, "headers"), name, value)
                string_list_addf(&headers, "%s: %s", name, json_string_value(value));
        SignedRequest request = { .action = member(golden, "operation"),
                                  .method = member(golden, "method"),
                                  .query = query,
                                  .headers = (const char *const *) headers.items,
                                  .body = *body ? body : NULL,
                                  .body_length = strlen(body) };
        if (text_equal(member(golden, "service"), "s3"))
                assert_ok(s3_send(&test.session, &object, &request, &response, err));
        else
                assert_ok(send_to_service(&test.session, golden, &request, &response, err));
        check_sent(golden, scripted_http_request(test.server, 0), query ? query : "");
}

static void every_request_is_botocores(void **state) {
        json_t *golden = golden_requests(), *request;
        size_t index, by_product = 0, by_form = 0, by_signing = 0;

        (void) state;
        if (!golden) {
                print_message("# skipped: vectors/aws/golden-requests.json is not there\n");
                skip();
        }
        json_array_foreach(json_object_get(golden, "requests"), index, request) {
                const AwsCall *call = aws_call_find(member(request, "service"), member(request, "operation"));

                if (call) {
                        compare_by_product(request, call);
                        by_product++;
                } else if (json_object_get(request, "form")) {
                        compare_generically(request);
                        by_form++;
                } else {
                        compare_by_signing(request);
                        by_signing++;
                }
        }
        print_message(
                "# %zu requests compared by the product's functions, %zu by its forms, %zu by its signing\n",
                by_product, by_form, by_signing);
        assert_int_equal(
                by_product + by_form + by_signing, json_array_size(json_object_get(golden, "requests")));
        json_decref(golden);
}

/* ---- the table is whole ---- */

static bool is_no_operation(const char *word) {
        static const char *const words[] = { "SetDefaultVersion", "StartTime", "DeleteMarker" };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (text_equal(words[i], word))
                        return true;
        return text_ends_with(word, "Result");
}

static bool is_in_table(const char *operation) {
        for (const AwsCalls *const *calls = aws_calls; *calls; calls++)
                for (size_t i = 0; i < (*calls)->count; i++)
                        if (text_equal((*calls)->items[i].operation, operation))
                                return true;
        return false;
}

/* The names of operations in a source file, which all stand there as literals. */
static size_t check_file(const char *path, const regex_t *pattern) {
        CLEANUP(free) char *source = NULL;
        regmatch_t match[2];
        size_t count = 0;

        assert_ok(file_read(path, 1 << 20, &source, NULL, err));
        for (const char *at = source; regexec(pattern, at, 2, match, 0) == 0; at += match[0].rm_eo) {
                CLEANUP(free)
                char *word = xstrndup(at + match[1].rm_so, (size_t) (match[1].rm_eo - match[1].rm_so));

                if (is_no_operation(word))
                        continue;
                if (!is_in_table(word))
                        fail_msg("%s sends %s, which is not among the calls of aws_calls", path, word);
                count++;
        }
        return count;
}

static void the_table_has_every_call_of_the_product(void **state) {
        const char *root = getenv("GHOST_SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe) */
        CLEANUP(free) char *folder = xasprintf("%s/controller/aws", root ? root : ".");
        DIR *files = opendir(folder);
        const struct dirent *file;
        regex_t pattern;
        size_t count = 0;

        (void) state;
        assert_non_null(files);
        assert_int_equal(
                regcomp(&pattern,
                        "\"((Add|Assume|Attach|Cancel|Complete|Configure|Copy|Create|Delete|Deregister|"
                        "Describe|"
                        "Detach|Disable|Enable|Enter|Exit|Get|List|Modify|Put|Reboot|Record|Register|Resume|"
                        "Rollback|Run|Set|Start|Stop|Suspend|Terminate|Update)[A-Z][A-Za-z0-9]+)\"",
                        REG_EXTENDED),
                0);
        while ((file = readdir(files))) {
                CLEANUP(free) char *path = xasprintf("%s/%s", folder, file->d_name);

                if (text_ends_with(path, ".c"))
                        count += check_file(path, &pattern);
        }
        closedir(files);
        regfree(&pattern);
        assert_true(count > 90);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_request_is_botocores),
                cmocka_unit_test(the_table_has_every_call_of_the_product),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
