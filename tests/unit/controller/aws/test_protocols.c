/* The cases of the query and EC2 protocols that every client of AWS is held to, through the forms and the XML
 * cursor that the product's functions use. */
#include "harness/aws_case.h"

#include <math.h>

#include "aws/query_form.h"
#include "aws/signed_request.h"
#include "aws/xml.h"
#include "base/crypto.h"

/* What is not run, and why. Everything else of the files is. */
static const struct LeftOut {
        const char *id, *why;
} left_out[] = {
        { "Ec2QueryEndpointTrait", "hosts with a prefix of the operation's: no operation of EC2 has one" },
        { "Ec2QueryEndpointTraitWithHostLabel", "hosts out of parameters: no operation of EC2 has one" },
        { "SDKAppliedContentEncoding_ec2Query", "bodies are not compressed: only CloudWatch takes them" },
        { "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query", "bodies are not compressed" },
        { "Ec2ProtocolIdempotencyTokenAutoFill", "tokens are made and kept before a call, not within it" },
        { "AwsQueryEndpointTrait", "hosts with a prefix of the operation's: none of ours has one" },
        { "AwsQueryEndpointTraitWithHostLabel", "hosts out of parameters: none of ours has one" },
        { "SDKAppliedContentEncoding_awsQuery", "bodies are not compressed: only CloudWatch takes them" },
        { "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery", "bodies are not compressed" },
        { "QueryProtocolIdempotencyTokenAutoFill", "tokens are made and kept before a call, not within it" },
};
enum { LEFT_OUT_EC2 = 5, LEFT_OUT_QUERY = 5 };

static bool is_left_out(const char *id) {
        for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
                if (text_equal(left_out[i].id, id))
                        return true;
        return false;
}

static const char *member(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

static const json_t *shape_of(const json_t *shapes, const json_t *reference) {
        const char *name = member(reference, "shape");

        return name ? json_object_get(shapes, name) : NULL;
}

static json_t *read_suites(const char *path) {
        CLEANUP(free) char *text = shared_file_read(path);

        if (!text)
                print_message("# skipped: %s is not there\n", path);
        return text ? json_loads(text, 0, NULL) : NULL;
}

/* ---- requests ---- */

typedef struct Writer {
        const json_t *shapes;
        bool ec2;
        AwsForm form;
} Writer;

static void write_number(Writer *writer, const char *path, const json_t *shape, const json_t *value) {
        const char *format = member(shape, "timestampFormat");

        if (text_equal(member(shape, "type"), "timestamp") && !text_equal(format, "unixTimestamp")) {
                CLEANUP(free) char *time = clock_format_iso(json_integer_value(value) * 1000000);
                form_add(&writer->form, time, "%s", path);
        } else if (json_is_real(value)) {
                CLEANUP(free) char *text = xasprintf("%g", json_real_value(value));
                form_add(&writer->form, text, "%s", path);
        } else
                form_add_int(&writer->form, json_integer_value(value), "%s", path);
}

static void write_value(Writer *writer, const char *path, const json_t *reference, const json_t *value);

static void write_list(Writer *writer, const char *path, const json_t *reference, const json_t *value) {
        const json_t *shape = shape_of(writer->shapes, reference), *item = json_object_get(shape, "member");
        const char *word = member(item, "locationName");
        bool flat = writer->ec2 || json_is_true(json_object_get(reference, "flattened"));
        CLEANUP(free) char *list = flat ? xstrdup(path) : xasprintf("%s.%s", path, word ? word : "member");
        CLEANUP(string_list_clear) StringList none = { 0 };
        json_t *one;
        size_t index;

        if (json_array_size(value) == 0 && !writer->ec2)
                query_form_set_list(&writer->form, path, &none);
        json_array_foreach(value, index, one) {
                CLEANUP(free) char *name = xasprintf("%s.%zu", list, index + 1);
                write_value(writer, name, item, one);
        }
}

static bool is_flat(const json_t *shape, const json_t *reference) {
        return json_is_true(json_object_get(reference, "flattened")) ||
               json_is_true(json_object_get(shape, "flattened"));
}

/* The name of the keys or values of a map. */
static const char *word_of(const json_t *shape, const char *part) {
        const char *own = member(json_object_get(shape, part), "locationName");

        return own ? own : part;
}

static void write_map(
        Writer *writer, const char *path, const json_t *shape, const json_t *reference, const json_t *value) {
        const char *flat = is_flat(shape, reference) ? "" : ".entry", *name;
        json_t *one;
        int number = 0;

        json_object_foreach((json_t *) value, name, one) {
                CLEANUP(free) char *entry = xasprintf("%s%s.%d", path, flat, ++number);
                CLEANUP(free) char *inner = xasprintf("%s.%s", entry, word_of(shape, "value"));

                form_add(&writer->form, name, "%s.%s", entry, word_of(shape, "key"));
                write_value(writer, inner, json_object_get(shape, "value"), one);
        }
}

/* EC2 begins names with a capital, unless one is given for requests. */
static char *member_name(const Writer *writer, const char *name, const json_t *reference) {
        const char *own = member(reference, "queryName"), *location = member(reference, "locationName");
        CLEANUP(free) char *word = xstrdup(location ? location : name);

        if (writer->ec2 && own)
                return xstrdup(own);
        if (writer->ec2 && *word >= 'a' && *word <= 'z')
                *word = (char) (*word - 'a' + 'A');
        return TAKE(word);
}

static void write_value(Writer *writer, const char *path, const json_t *reference, const json_t *value) {
        const json_t *shape = shape_of(writer->shapes, reference);
        const json_t *members = json_object_get(shape, "members");
        const char *type = member(shape, "type"), *text = json_string_value(value), *name;
        json_t *one;

        if (json_is_array(value))
                write_list(writer, path, reference, value);
        else if (text_equal(type, "map"))
                write_map(writer, path, shape, reference, value);
        else if (json_is_object(value)) {
                json_object_foreach((json_t *) value, name, one) {
                        const json_t *below = json_object_get(members, name);
                        CLEANUP(free) char *word = member_name(writer, name, below);
                        CLEANUP(free) char *inner = *path ? xasprintf("%s.%s", path, word) : xstrdup(word);
                        write_value(writer, inner, below, one);
                }
        } else if (json_is_boolean(value))
                form_add_bool(&writer->form, json_is_true(value), path);
        else if (json_is_number(value))
                write_number(writer, path, shape, value);
        else if (text && text_equal(type, "blob")) {
                CLEANUP(free) char *encoded = base64_encode(text, strlen(text));
                form_add(&writer->form, encoded, "%s", path);
        } else
                form_add(&writer->form, text, "%s", path);
}

static int compare_texts(const void *one, const void *other) {
        return strcmp(*(char *const *) one, *(char *const *) other);
}

/* The same parameters, in whatever order. Caller frees. */
static char *sorted(const char *body) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        Text text = { 0 };

        text_split(body, '&', &parts);
        qsort(parts.items, parts.count, sizeof(*parts.items), compare_texts);
        for (size_t i = 0; i < parts.count; i++)
                text_appendf(&text, "%s\n", parts.items[i]);
        return text_take(&text);
}

static void check_request(const json_t *suite, const json_t *test, bool ec2) {
        Writer writer = { .shapes = json_object_get(suite, "shapes"), .ec2 = ec2 };
        const json_t *given = json_object_get(test, "given");

        form_add(&writer.form, member(given, "name"), "Action");
        form_add(&writer.form, member(json_object_get(suite, "metadata"), "apiVersion"), "Version");
        write_value(&writer, "", json_object_get(given, "input"), json_object_get(test, "params"));
        CLEANUP(free) char *sent = sorted(writer.form.body.data);
        CLEANUP(free) char *expected = sorted(member(json_object_get(test, "serialized"), "body"));
        if (!text_equal(sent, expected))
                fail_msg("%s:\n%sinstead of\n%s", member(test, "id"), sent, expected);
        form_clearp(&writer.form);
}

/* ---- answers ---- */

typedef struct Reader {
        const json_t *shapes;
        const char *id; /* of the case, for messages */
        bool query;
} Reader;

static void check_value(
        const Reader *reader, const Xml *element, const json_t *reference, const json_t *expected);

static void check_time(const Reader *reader, const char *text, const json_t *expected) {
        int64_t time_us = 0;
        char *end;
        double seconds = strtod(text, &end);

        if (*end) { /* not a number: ISO, or as HTTP has it */
                assert_true(clock_parse_iso(text, &time_us) || clock_parse_http(text, &time_us));
                seconds = (double) time_us / 1e6;
        }
        if (fabs(seconds - json_number_value(expected)) > 1e-5)
                fail_msg("%s: %s is read as %f", reader->id, text, seconds);
}

static void check_scalar(
        const Reader *reader, const Xml *element, const json_t *shape, const json_t *expected) {
        const char *type = member(shape, "type"), *text = xml_text(element, "");
        CLEANUP(free) char *bytes = NULL;
        size_t length;

        if (!text) {
                fail_msg("%s: a %s is missing", reader->id, type);
                return;
        }
        if (text_equal(type, "blob")) {
                assert_ok(base64_decode(text, &bytes, &length, err));
                assert_string_equal(bytes, json_string_value(expected));
        } else if (text_equal(type, "timestamp"))
                check_time(reader, text, expected);
        else if (json_is_boolean(expected))
                assert_int_equal(xml_bool(element, ""), json_is_true(expected));
        else if (json_is_real(expected))
                assert_true(fabs(strtod(text, NULL) - json_real_value(expected)) < 1e-5);
        else if (json_is_integer(expected))
                assert_int_equal(xml_int(element, ""), json_integer_value(expected));
        else
                assert_string_equal(text, json_string_value(expected));
}

/* first: of the elements that are the items. */
static void check_items(
        const Reader *reader, const Xml *first, const json_t *reference, const json_t *expected) {
        const json_t *item = json_object_get(shape_of(reader->shapes, reference), "member");
        const char *name = first ? xml_name(first) : NULL;
        json_t *one;
        size_t index;

        json_array_foreach(expected, index, one) {
                if (!first)
                        fail_msg("%s: an item is missing", reader->id);
                check_value(reader, first, item, one);
                first = xml_next(first, name);
        }
        assert_null(first);
}

/* first: of the entries. */
static void check_map(const Reader *reader, const Xml *first, const json_t *shape, const json_t *expected) {
        const char *name = first ? xml_name(first) : NULL;
        size_t count = 0;

        for (const Xml *entry = first; entry; entry = xml_next(entry, name)) {
                const char *key = xml_text(entry, word_of(shape, "key"));
                const json_t *value = json_object_get(expected, key ? key : "");

                if (!value)
                        fail_msg("%s: there is no '%s'", reader->id, key ? key : "key");
                check_value(
                        reader, xml_first(entry, word_of(shape, "value")), json_object_get(shape, "value"),
                        value);
                count++;
        }
        assert_int_equal(count, json_object_size(expected));
}

static void check_members(
        const Reader *reader, const Xml *element, const json_t *shape, const json_t *expected) {
        const char *name;
        json_t *one;

        json_object_foreach((json_t *) expected, name, one) {
                const json_t *below = json_object_get(json_object_get(shape, "members"), name);
                const char *location = member(below, "locationName");
                const json_t *inner = shape_of(reader->shapes, below);
                const Xml *child = xml_first(element, location ? location : name);

                if (json_is_array(one) && json_is_true(json_object_get(below, "flattened")))
                        check_items(reader, child, below, one);
                else if (text_equal(member(inner, "type"), "map") && is_flat(inner, below))
                        check_map(reader, child, inner, one);
                else
                        check_value(reader, child, below, one);
        }
}

static void check_value(
        const Reader *reader, const Xml *element, const json_t *reference, const json_t *expected) {
        const json_t *shape = shape_of(reader->shapes, reference);

        if (text_equal(member(shape, "type"), "map"))
                check_map(reader, xml_first(element, NULL), shape, expected);
        else if (json_is_object(expected))
                check_members(reader, element, shape, expected);
        else if (json_is_array(expected))
                check_items(reader, xml_first(element, NULL), reference, expected);
        else
                check_scalar(reader, element, shape, expected);
}

static void check_error(const json_t *test, const char *body) {
        const HttpResponse response = { .body = (char *) body, .body_length = strlen(body) };
        CLEANUP(answer_error_clear) AnswerError error = { 0 };
        const char *text = member(test, "errorMessage");

        answer_error_read(&response, &error);
        assert_string_equal(error.code, member(test, "errorCode"));
        if (text)
                assert_string_equal(error.text, text);
}

static void check_answer(const json_t *suite, const json_t *test, bool query) {
        const json_t *given = json_object_get(test, "given"), *result = json_object_get(test, "result");
        const char *body = member(json_object_get(test, "response"), "body");
        const Reader reader = { json_object_get(suite, "shapes"), member(test, "id"), query };
        CLEANUP(free) char *name = xasprintf("%sResult", member(given, "name"));
        CLEANUP(xml_free) Xml *root = NULL;

        if (member(test, "errorCode")) {
                check_error(test, body);
                return;
        }
        if (text_empty(body)) {
                assert_int_equal(json_object_size(result), 0);
                return;
        }
        assert_ok(xml_parse(body, strlen(body), &root, err));
        const Xml *top = query ? xml_first(root, name) : root;
        check_members(&reader, top, shape_of(reader.shapes, json_object_get(given, "output")), result);
}

/* ---- all of a file ---- */

/* Each case is run or stands in the list above. False: the file is not there. */
static bool check_file(
        const char *path, void (*check)(const json_t *, const json_t *, bool), bool flag,
        size_t expected_left_out) {
        json_t *suites = read_suites(path), *suite, *test;
        size_t index, inner, count = 0, left = 0;

        if (!suites)
                return false;
        json_array_foreach(suites, index, suite)
                json_array_foreach(json_object_get(suite, "cases"), inner, test) {
                        if (is_left_out(member(test, "id"))) {
                                left++;
                                continue;
                        }
                        check(suite, test, flag);
                        count++;
                }
        print_message("# %s: %zu cases, %zu not run\n", path, count, left);
        assert_true(count > 20);
        assert_int_equal(left, expected_left_out);
        json_decref(suites);
        return true;
}

static void requests_are_written(void **state) {
        (void) state;
        if (!check_file("vectors/aws/protocols/input/ec2.json", check_request, true, LEFT_OUT_EC2) ||
            !check_file("vectors/aws/protocols/input/query.json", check_request, false, LEFT_OUT_QUERY))
                skip();
}

static void answers_are_read(void **state) {
        (void) state;
        if (!check_file("vectors/aws/protocols/output/ec2.json", check_answer, false, 0) ||
            !check_file("vectors/aws/protocols/output/query.json", check_answer, true, 0))
                skip();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_are_written),
                cmocka_unit_test(answers_are_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
