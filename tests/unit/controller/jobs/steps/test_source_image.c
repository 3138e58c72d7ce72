/* From what is written in build_infos to one image, once. */
#include "harness/aws_case.h"
#include "harness/work_case.h"
#include "jobs/steps/source_image.h"

#define TYPE                                                                                                 \
        "<AnyResponse><instanceTypeSet><item><processorInfo><supportedArchitectures><item>x86_64</item>"     \
        "</supportedArchitectures></processorInfo></item></instanceTypeSet></AnyResponse>"
#define IMAGE(id, state, architecture, date)                                                                 \
        "<item><imageId>" id "</imageId><name>debian</name><imageState>" state                               \
        "</imageState><architecture>" architecture "</architecture><creationDate>" date                      \
        "</creationDate><rootDeviceName>/dev/xvda</rootDeviceName></item>"
#define IMAGES(items) "<AnyResponse><imagesSet>" items "</imagesSet></AnyResponse>"

static void the_newest_of_a_name_is_taken_and_pinned(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = TYPE },
                { 200, .body = IMAGES(
                               IMAGE("ami-old", "available", "x86_64", "2026-01-01T00:00:00.000Z") IMAGE(
                                       "ami-new", "available", "x86_64", "2026-03-01T00:00:00.000Z")
                                       IMAGE("ami-mid", "available", "x86_64", "2026-02-01T00:00:00.000Z")) },
                { 200, .body = IMAGES(IMAGE("ami-new", "available", "x86_64", "2026-03-01T00:00:00.000Z")) },
        };
        const SourceImageSpec spec = { .filter_owner = "136693071363",
                                       .filter_name = "debian-12-*",
                                       .instance_type = "t3.micro" };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(free) char *id = NULL, *again = NULL;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_ok(source_image_resolve(&test.work, &spec, &id, err));
        assert_string_equal(id, "ami-new");
        assert_has(scripted_http_request(cloud.server, 1), "Owner.1=136693071363");
        assert_has(scripted_http_request(cloud.server, 1), "Filter.1.Value.1=debian-12-%2A");
        assert_string_equal(test.log.data, "Source image ami-new (debian)\n");

        assert_ok(source_image_resolve(&test.work, &spec, &again, err));
        assert_string_equal(again, "ami-new");
        assert_int_equal(scripted_http_request_count(cloud.server), 3);
}

static void no_image_of_the_name_is_told(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = TYPE }, { 200, .body = IMAGES("") } };
        const SourceImageSpec spec = { .filter_name = "mine-*", .instance_type = "t3.micro" };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(free) char *id = NULL;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_fails(
                ERROR_NOT_FOUND,
                "build_infos.source_ami_filter: no available image of 'self' is named 'mine-*' and runs on "
                "t3.micro",
                source_image_resolve(&test.work, &spec, &id, err));
}

static void a_parameter_names_the_image(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = TYPE },
                { 200, .body = "{\"Parameter\": {\"Name\": \"/aws/debian\", \"Value\": \"ami-named\"}}" },
                { 200, .body = IMAGES(IMAGE("ami-named", "available", "x86_64", "")) },
        };
        const SourceImageSpec spec = { .parameter = "/aws/debian", .instance_type = "t3.micro" };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(free) char *id = NULL;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_ok(source_image_resolve(&test.work, &spec, &id, err));
        assert_string_equal(id, "ami-named");
        assert_has(scripted_http_request(cloud.server, 2), "ImageId.1=ami-named");
}

static void an_image_that_cannot_serve_is_told(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = TYPE },
                { 200, .body = IMAGES(IMAGE("ami-1", "available", "arm64", "")) },
                { 200, .body = TYPE },
                { 200, .body = IMAGES(IMAGE("ami-1", "pending", "x86_64", "")) },
        };
        const SourceImageSpec spec = { .id = "ami-1", .instance_type = "t3.micro" };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(free) char *id = NULL;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_fails(
                ERROR_INVALID,
                "source image ami-1 is made for arm64, which instance type t3.micro cannot run",
                source_image_resolve(&test.work, &spec, &id, err));
        assert_fails(
                ERROR_CONFLICT, "source image ami-1 is pending",
                source_image_resolve(&test.work, &spec, &id, err));
        assert_int_equal(test.memory.steps.count, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_newest_of_a_name_is_taken_and_pinned),
                cmocka_unit_test(no_image_of_the_name_is_told),
                cmocka_unit_test(a_parameter_names_the_image),
                cmocka_unit_test(an_image_that_cannot_serve_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
