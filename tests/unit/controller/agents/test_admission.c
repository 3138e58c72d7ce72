/* From a document to a verdict, with AWS asked meanwhile. */
#include "harness/document_signer.h"
#include "harness/scripted_http.h"
#include "harness/store_case.h"

#include <string.h>

#include "agents/admission.h"
#include "base/clock.h"
#include "base/log.h"

static const char app_id[] = "0123456789abcdef01234567";
static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Bench {
        Store *store;
        ScriptedHttp *server;
        Aws *aws;
        Admission *admission;
        Signer signer;
        char *launched; /* ISO */
        char *instances, *members;
        _Atomic bool refusing;
} Bench;

static ScriptedReply answer(void *context, const char *request) {
        const Bench *bench = context;

        if (strstr(request, "Action=GetCallerIdentity"))
                return (ScriptedReply){
                        200, .body = "<AnyResponse><GetCallerIdentityResult><Account>123456789012</Account>"
                                     "</GetCallerIdentityResult></AnyResponse>"
                };
        if (strstr(request, "Action=DescribeAutoScalingInstances"))
                return (ScriptedReply){ 200, .body = bench->members };
        if (bench->refusing)
                return (ScriptedReply){
                        403, .body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
                                     "<Message>You may not.</Message></Error></Errors></Response>"
                };
        if (strstr(request, "Action=DescribeInstances"))
                return (ScriptedReply){ 200, .body = bench->instances };
        return (ScriptedReply){ 500, .body = "" };
}

static void open_bench(StoreCase *stored, Bench *bench) {
        bench->store = stored->store;
        bench->signer = signer_new("aws");
        bench->launched = clock_format_iso(clock_now_us());
        bench->instances = xasprintf(
                "<AnyResponse><reservationSet><item><instancesSet><item><instanceId>i-1</"
                "instanceId><imageId>ami-1</"
                "imageId>"
                "<instanceState><name>running</name></instanceState><privateIpAddress>10.0.0.7</"
                "privateIpAddress>"
                "<launchTime>%s</launchTime><tagSet><item><key>app</key><value>shop</value></item>"
                "<item><key>env</key><value>prod</value></item><item><key>role</key><value>web</value></item>"
                "</tagSet></item></instancesSet></item></reservationSet></AnyResponse>",
                bench->launched);
        bench->members =
                xstrdup("<AnyResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances><member>"
                        "<InstanceId>i-1</InstanceId><AutoScalingGroupName>shop-group"
                        "</AutoScalingGroupName><LifecycleState>Pending:Wait</LifecycleState></member>"
                        "</AutoScalingInstances></DescribeAutoScalingInstancesResult></AnyResponse>");
        bench->server = scripted_http_start_handler(answer, bench);
        const AwsOptions options = { .region = "eu-west-1",
                                     .endpoint_url = scripted_http_url(bench->server),
                                     .access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = "secret",
                                     .retry_base_ms = 1,
                                     .environment = environment };
        assert_ok(bench->aws = aws_new(&options, err));
        const AdmissionSpec spec = { .store = bench->store,
                                     .aws = bench->aws,
                                     .certificate_pem = bench->signer.pem,
                                     .window_ms = 3600000 };
        assert_ok(bench->admission = admission_start(&spec, err));
        store_put(
                bench->store, COLLECTION_APPS,
                "{'_id':'0123456789abcdef01234567','name':'shop','env':'prod','role':'web','region':'eu-west-"
                "1',"
                "'autoscale':{'name':'shop-group'}}");
}

static void bench_clearp(Bench *bench) {
        admission_stop(bench->admission);
        aws_free(bench->aws);
        scripted_http_stop(bench->server);
        signer_clearp(&bench->signer);
        free(bench->launched);
        free(bench->instances);
        free(bench->members);
}

static char *document_of(const Bench *bench, const char *instance_id, const Signer *signer) {
        CLEANUP(free)
        char *text = xasprintf(
                "{\"accountId\":\"123456789012\",\"region\":\"eu-west-1\",\"instanceId\":\"%s\",\"imageId\":"
                "\"ami-1\","
                "\"privateIp\":\"10.0.0.7\",\"pendingTime\":\"%s\"}",
                instance_id, bench->launched);

        return sign_document(text, signer, NULL, CMS_NOCERTS, EVP_sha256());
}

/* Asks as an agent does, again and again, while the answer is "not known yet". */
static bool ask(
        Bench *bench, const char *instance_id, const char *document, InstanceIdentity *ret, Error **err) {
        const AdmissionRequest request = { .app_id = app_id,
                                           .instance_id = instance_id,
                                           .document = document,
                                           .document_length = strlen(document) };
        Deadline deadline = deadline_after_ms(20000);

        for (;;) {
                Error *why = NULL;

                if (admission_ask(bench->admission, &request, ret, &why))
                        return true;
                if (error_kind(why) != ERROR_UNAVAILABLE || deadline_passed(deadline)) {
                        *err = why;
                        return false;
                }
                error_free(why);
                clock_sleep_ms(10);
        }
}

static void one_that_aws_knows_is_granted(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };

        open_bench(*state, &bench);
        CLEANUP(free) char *document = document_of(&bench, "i-1", &bench.signer);
        assert_ok(ask(&bench, "i-1", document, &identity, err));
        assert_string_equal(identity.private_ip, "10.0.0.7");
        assert_int_equal(scripted_http_request_count(bench.server), 3);
        /* The verdict is kept for who asks again. */
        CLEANUP(instance_identity_clear) InstanceIdentity again = { 0 };
        assert_ok(ask(&bench, "i-1", document, &again, err));
        assert_int_equal(scripted_http_request_count(bench.server), 3);
}

static void a_forger_costs_no_call(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        CLEANUP(signer_clear) Signer forger = signer_new("aws");
        InstanceIdentity identity = { 0 };

        open_bench(*state, &bench);
        CLEANUP(free) char *forged = document_of(&bench, "i-1", &forger);
        CLEANUP(free) char *others = document_of(&bench, "i-2", &bench.signer);
        assert_fails(
                ERROR_FORBIDDEN,
                "identity document: the document is not signed by the certificate that is expected",
                ask(&bench, "i-1", forged, &identity, err));
        assert_fails(
                ERROR_FORBIDDEN, "the identity document is of instance i-2",
                ask(&bench, "i-1", others, &identity, err));
        assert_fails(
                ERROR_FORBIDDEN, "an instance of a group has to show its identity document (IMDSv2)",
                ask(&bench, "i-1", "", &identity, err));
        assert_int_equal(scripted_http_request_count(bench.server), 0);
}

static void one_of_another_group_is_refused(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        InstanceIdentity identity = { 0 };

        open_bench(*state, &bench);
        char *name = strstr(bench.members, "shop-group");
        name[0] = 'c';
        CLEANUP(free) char *document = document_of(&bench, "i-1", &bench.signer);
        assert_fails(
                ERROR_FORBIDDEN, "instance i-1 is of the group chop-group, not of shop-group",
                ask(&bench, "i-1", document, &identity, err));
}

static size_t count_troubles(const Bench *bench) {
        CLEANUP(document_free) Document *troubles = admission_describe_troubles(bench->admission);

        return document_count(troubles);
}

static void that_aws_refuses_to_be_asked_is_told_until_it_does_not(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        Deadline deadline = deadline_after_ms(20000);

        open_bench(*state, &bench);
        CLEANUP(free) char *document = document_of(&bench, "i-1", &bench.signer);
        const AdmissionRequest request = { app_id, "i-1", document, strlen(document) };
        assert_int_equal(count_troubles(&bench), 0);
        bench.refusing = true;
        assert_false(admission_ask(bench.admission, &request, &identity, &why));
        assert_int_equal(error_kind(why), ERROR_UNAVAILABLE);
        while (count_troubles(&bench) == 0 && !deadline_passed(deadline))
                clock_sleep_ms(10);
        CLEANUP(document_free) Document *troubles = admission_describe_troubles(bench.admission);
        assert_int_equal(document_count(troubles), 1);
        const Document *trouble = document_at(troubles, 0);
        assert_string_equal(document_get_string(trouble, "app_id"), app_id);
        assert_string_equal(document_get_string(trouble, "group"), "shop-group");
        assert_string_equal(document_get_string(trouble, "instance_id"), "i-1");
        assert_non_null(
                strstr(document_get_string(trouble, "trouble"),
                       "DescribeInstances: UnauthorizedOperation: You may"));

        bench.refusing = false;
        assert_ok(ask(&bench, "i-1", document, &identity, err));
        assert_int_equal(count_troubles(&bench), 0);
}

static void what_is_wrong_with_an_instance_is_no_trouble(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        InstanceIdentity identity = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        open_bench(*state, &bench);
        strstr(bench.members, "shop-group")[0] = 'c';
        CLEANUP(free) char *document = document_of(&bench, "i-1", &bench.signer);
        assert_false(ask(&bench, "i-1", document, &identity, &why));
        assert_int_equal(error_kind(why), ERROR_FORBIDDEN);
        assert_int_equal(count_troubles(&bench), 0);
}

static void a_token_of_its_own_needs_no_document_but_no_false_one(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        CLEANUP(signer_clear) Signer forger = signer_new("aws");

        open_bench(*state, &bench);
        CLEANUP(free) char *forged = document_of(&bench, "i-2", &forger);
        CLEANUP(free) char *others = document_of(&bench, "i-2", &bench.signer);
        const AdmissionRequest unclear = { app_id, "i-1", forged, strlen(forged) };
        const AdmissionRequest false_one = { app_id, "i-1", others, strlen(others) };
        assert_ok(admission_compare(bench.admission, &unclear, err));
        assert_fails(
                ERROR_FORBIDDEN, "the identity document is of instance i-2",
                admission_compare(bench.admission, &false_one, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(one_that_aws_knows_is_granted),
                STORE_TEST(a_forger_costs_no_call),
                STORE_TEST(one_of_another_group_is_refused),
                STORE_TEST(that_aws_refuses_to_be_asked_is_told_until_it_does_not),
                STORE_TEST(what_is_wrong_with_an_instance_is_no_trouble),
                STORE_TEST(a_token_of_its_own_needs_no_document_but_no_false_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
