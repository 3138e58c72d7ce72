/* What a document says counts only when the certificate of that region signed it. */
#include "harness/document_signer.h"

#include <string.h>

#include "agents/instance_identity.h"
#include "base/clock.h"
#include "harness/shared_files.h"
#include "harness/text_assertions.h"

static const char document[] =
        "{ \"accountId\" : \"123456789012\", \"region\" : \"eu-west-1\", \"instanceId\" : "
        "\"i-1\", \"imageId\" : \"ami-1\", \"privateIp\" : \"10.0.0.7\", \"pendingTime\" : "
        "\"2026-11-23T12:00:00Z\" }";

static void a_document_is_read(void **state) {
        CLEANUP(signer_clear) Signer aws = signer_new("aws");
        CLEANUP(free) char *text = sign_document(document, &aws, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };

        (void) state;
        assert_ok(instance_identity_open(text, strlen(text), "eu-west-1", aws.pem, &identity, err));
        assert_string_equal(identity.account_id, "123456789012");
        assert_string_equal(identity.instance_id, "i-1");
        assert_string_equal(identity.image_id, "ami-1");
        assert_string_equal(identity.private_ip, "10.0.0.7");
        CLEANUP(free) char *when = clock_format_iso(identity.pending_us);
        assert_string_equal(when, "2026-11-23T12:00:00Z");
}

static void another_region_or_half_a_document_is_refused(void **state) {
        CLEANUP(signer_clear) Signer aws = signer_new("aws");
        CLEANUP(free) char *text = sign_document(document, &aws, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free)
        char *half = sign_document("{\"accountId\":\"1\"}", &aws, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *no_json = sign_document("hello", &aws, NULL, CMS_NOCERTS, EVP_sha256());
        InstanceIdentity identity = { 0 };

        (void) state;
        assert_fails(
                ERROR_FORBIDDEN, "the identity document is of region eu-west-1, not of us-east-1",
                instance_identity_open(text, strlen(text), "us-east-1", aws.pem, &identity, err));
        assert_fails(
                ERROR_INVALID, "the identity document says no region",
                instance_identity_open(half, strlen(half), "eu-west-1", aws.pem, &identity, err));
        CLEANUP(error_free) Error *why = NULL;
        assert_false(instance_identity_open(no_json, strlen(no_json), "eu-west-1", aws.pem, &identity, &why));
        assert_int_equal(error_kind(why), ERROR_INVALID);
        assert_null(identity.instance_id);
}

static void aws_regions_are_known(void **state) {
        static const char *const regions[] = { "us-west-1", "us-west-2" };

        (void) state;
        assert_null(instance_identity_certificate("moon-west-1"));
        assert_null(instance_identity_certificate(NULL));
        for (size_t i = 0; i < 2; i++) {
                CLEANUP(free) char *sample = xasprintf("vectors/aws/iid-samples/%s.rsa2048.b64", regions[i]);
                CLEANUP(free) char *text = shared_file_read(sample);
                CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };
                const char *pin = instance_identity_certificate(regions[i]);

                assert_non_null(pin);
                if (!text)
                        skip();
                assert_ok(instance_identity_open(text, strlen(text), regions[i], pin, &identity, err));
                assert_true(strncmp(identity.instance_id, "i-", 2) == 0);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_document_is_read),
                cmocka_unit_test(another_region_or_half_a_document_is_refused),
                cmocka_unit_test(aws_regions_are_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
