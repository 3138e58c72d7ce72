/* Pages that are empty, that come again, whose token nobody knows, that overlap. */
#include "harness/ghost_test.h"

#include <stdlib.h>

#include "aws/pages.h"
#include "base/memory.h"
#include "harness/scripted_http.h"
#include "harness/text_assertions.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        StringList read;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
        string_list_clear(&fixture->read);
}

static Fixture start(ScriptedHttp *server) {
        Fixture fixture = { .server = server };
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .poll_interval_ms = 5,
                               .retry_base_ms = 2,
                               .environment = environment };

        assert_ok(fixture.aws = aws_new(&options, err));
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

#define THING(id, state) "<item><id>" id "</id><state>" state "</state></item>"
#define PAGE(things, token)                                                                                  \
        "<AnyResponse><set><item><things>" things "</things></item></set>" token "</AnyResponse>"
#define REFUSED(code)                                                                                        \
        "<Response><Errors><Error><Code>" code "</Code><Message>no such token</Message></Error></Errors>"    \
        "<RequestID>req-1</RequestID></Response>"

static void note(void *context, const Xml *item) {
        string_list_addf(context, "%s %s", xml_text(item, "id"), xml_text(item, "state"));
}

static bool read_things(Fixture *fixture, const char *key, Error **err) {
        const AwsForm form = { 0 };
        const AwsPages pages = { .service = &aws_ec2,
                                 .action = "DescribeThings",
                                 .form = &form,
                                 .token_sent = "NextToken",
                                 .token_read = "nextToken",
                                 .items = "set/item/things/item",
                                 .key = key,
                                 .read = note,
                                 .context = &fixture->read };

        return aws_read_pages(&fixture->session, &pages, err);
}

static void empty_pages_are_followed(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = PAGE("", "<nextToken>1</nextToken>") },
                { 200, .body = PAGE("", "<nextToken>2</nextToken>") },
                { 200, .body = PAGE(THING("a", "x"), "<nextToken/>") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(read_things(&fixture, "id", err));
        assert_int_equal(fixture.read.count, 1);
        assert_has(scripted_http_request(fixture.server, 2), "NextToken=2");
}

static void pages_that_come_again_are_an_error(void **state) {
        static const ScriptedReply same[] = { { 200,
                                                .body = PAGE(THING("a", "x"), "<nextToken>1</nextToken>") } };
        static const ScriptedReply circle[] = {
                { 200, .body = PAGE("", "<nextToken>1</nextToken>") },
                { 200, .body = PAGE("", "<nextToken>2</nextToken>") },
                { 200, .body = PAGE("", "<nextToken>1</nextToken>") },
        };
        CLEANUP(fixture_clear) Fixture one = START(same), other = START(circle);

        (void) state;
        assert_fails(
                ERROR_INTERNAL,
                "DescribeThings: page 2 names the same next page as an earlier one: the list would never end",
                read_things(&one, "id", err));
        assert_int_equal(one.read.count, 0); /* half a list is none */
        assert_fails(
                ERROR_INTERNAL,
                "DescribeThings: page 3 names the same next page as an earlier one: the list would never end",
                read_things(&other, "id", err));
}

static void a_list_whose_token_is_not_known_any_more_is_read_anew(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = PAGE(THING("a", "old"), "<nextToken>1</nextToken>") },
                { 400, .body = REFUSED("InvalidNextToken") },
                { 200, .body = PAGE(THING("a", "new"), "<nextToken>2</nextToken>") },
                { 400, .body = REFUSED("ValidationError") },
                { 200, .body = PAGE(THING("a", "new"), "<nextToken>1</nextToken>") },
                { 200, .body = PAGE(THING("b", "new"), "") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(read_things(&fixture, "id", err));
        assert_int_equal(fixture.read.count, 2);
        assert_string_equal(fixture.read.items[0], "a new");
        assert_string_equal(fixture.read.items[1], "b new");
        assert_int_equal(scripted_http_request_count(fixture.server), 6);
}

static void it_is_not_read_anew_for_ever(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = PAGE("", "<nextToken>1</nextToken>") },
                { 400, .body = REFUSED("InvalidNextToken") },
                { 200, .body = PAGE("", "<nextToken>1</nextToken>") },
                { 400, .body = REFUSED("InvalidNextToken") },
                { 200, .body = PAGE("", "<nextToken>1</nextToken>") },
                { 400, .body = REFUSED("InvalidNextToken") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "the list was begun 3 times and not read to its end: DescribeThings: InvalidNextToken: no "
                "such "
                "token (request req-1)",
                read_things(&fixture, "id", err));
        assert_int_equal(scripted_http_request_count(fixture.server), 6);
}

static void what_is_refused_at_once_is_no_matter_of_tokens(void **state) {
        static const ScriptedReply replies[] = { { 400, .body = REFUSED("InvalidParameterValue") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        assert_false(read_things(&fixture, "id", &error));
        assert_int_equal(scripted_http_request_count(fixture.server), 1);
}

static void what_two_pages_show_is_read_once_as_it_is_now(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = PAGE(THING("a", "1") THING("b", "1"), "<nextToken>1</nextToken>") },
                { 200, .body = PAGE(THING("b", "2") THING("c", "2"), "") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(read_things(&fixture, "id", err));
        assert_int_equal(fixture.read.count, 3);
        assert_string_equal(fixture.read.items[0], "a 1");
        assert_string_equal(fixture.read.items[1], "b 2");
        assert_string_equal(fixture.read.items[2], "c 2");
}

static void without_a_key_nothing_is_the_same(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = PAGE(THING("a", "1"), "<nextToken>1</nextToken>") },
                { 200, .body = PAGE(THING("a", "1"), "") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(read_things(&fixture, NULL, err));
        assert_int_equal(fixture.read.count, 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(empty_pages_are_followed),
                cmocka_unit_test(pages_that_come_again_are_an_error),
                cmocka_unit_test(a_list_whose_token_is_not_known_any_more_is_read_anew),
                cmocka_unit_test(it_is_not_read_anew_for_ever),
                cmocka_unit_test(what_is_refused_at_once_is_no_matter_of_tokens),
                cmocka_unit_test(what_two_pages_show_is_read_once_as_it_is_now),
                cmocka_unit_test(without_a_key_nothing_is_the_same),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
