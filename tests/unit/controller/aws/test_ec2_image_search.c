/* Images of others: found, copied, shared. */
#include "harness/aws_case.h"

#include "aws/ec2_image_search.h"

#define IMAGE(id, date) "<item><imageId>" id "</imageId><creationDate>" date "</creationDate></item>"

static void the_newest_of_an_owner_comes_first(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><imagesSet>" IMAGE("ami-1", "2025-01-01T00:00:00.000Z")
                               IMAGE("ami-3", "2026-03-01T00:00:00.000Z") IMAGE(
                                       "ami-2", "2026-02-01T00:00:00.000Z") "</imagesSet></AnyResponse>" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };

        (void) state;
        assert_ok(ec2_find_images(
                &test.session,
                &(Ec2ImageQuery){
                        .owner = "136693071363", .name_pattern = "debian-12-*", .architecture = "arm64" },
                &images, err));
        assert_sent(&test, 0, "Owner.1", "136693071363");
        assert_sent(&test, 0, "Filter.1.Name", "name");
        assert_sent(&test, 0, "Filter.1.Value.1", "debian-12-*");
        assert_sent(&test, 0, "Filter.2.Value.1", "arm64");
        assert_sent(&test, 0, "Filter.3.Name", "state");
        assert_sent(&test, 0, "Filter.3.Value.1", "available");
        assert_int_equal(images.count, 3);
        assert_string_equal(images.items[0].id, "ami-3");
        assert_string_equal(images.items[2].id, "ami-1");
}

static void a_name_without_an_owner_is_anybodys(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        Ec2Images images;

        (void) state;
        assert_fails(
                ERROR_INVALID, "DescribeImages: an owner is needed, anybody can take a name",
                ec2_find_images(&test.session, &(Ec2ImageQuery){ .name_pattern = "debian*" }, &images, err));
        assert_int_equal(scripted_http_request_count(test.server), 0);
}

static void a_copy_is_made_once(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><imageId>ami-9</imageId></AnyResponse>" }
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(free) char *id = NULL, *none = NULL;
        Ec2CopySpec spec = { .source_region = "eu-west-1",
                             .source_image_id = "ami-1",
                             .name = "n",
                             .client_token = "c",
                             .kms_key_id = "k",
                             .tags = &tags };

        (void) state;
        ec2_tags_add(&tags, "k", "v");
        assert_ok(ec2_copy_image(&test.session, &spec, &id, err));
        assert_string_equal(id, "ami-9");
        assert_sent(&test, 0, "ClientToken", "c");
        assert_sent(&test, 0, "Encrypted", "true");
        assert_sent(&test, 0, "TagSpecification.2.ResourceType", "snapshot");
        spec.client_token = NULL;
        assert_fails(
                ERROR_INVALID, "CopyImage: a client token of 1 to 64 characters is needed",
                ec2_copy_image(&test.session, &spec, &none, err));
}

static void accounts_are_let_in_and_out(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><return>true</return></AnyResponse>" }
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(string_list_clear) StringList in = { 0 };
        CLEANUP(string_list_clear) StringList out = { 0 };

        (void) state;
        assert_ok(ec2_change_launch_permission(&test.session, "ami-1", &in, NULL, err));
        assert_int_equal(scripted_http_request_count(test.server), 0);
        string_list_add(&in, "111111111111");
        string_list_add(&out, "222222222222");
        assert_ok(ec2_change_launch_permission(&test.session, "ami-1", &in, &out, err));
        assert_sent(&test, 0, "Action", "ModifyImageAttribute");
        assert_sent(&test, 0, "LaunchPermission.Add.1.UserId", "111111111111");
        assert_sent(&test, 0, "LaunchPermission.Remove.1.UserId", "222222222222");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_newest_of_an_owner_comes_first),
                cmocka_unit_test(a_name_without_an_owner_is_anybodys),
                cmocka_unit_test(a_copy_is_made_once),
                cmocka_unit_test(accounts_are_let_in_and_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
