#include "harness/ghost_test.h"

#include <string.h>

#include "api/envelope.h"
#include "base/memory.h"

#define ID "0123456789abcdef01234567"
#define STAMP "Sun, 22 Nov 2026 23:24:38 GMT"

static const ResourceName apps = { "apps", "app" };

static Document *sample(void) {
        Document *item = document_object();

        document_set_string(item, "_id", ID);
        document_set_string(item, "_etag", "e7a9");
        document_set_string(item, "_updated", STAMP);
        document_set_int(item, "_version", 3);
        document_set_string(item, "name", "shop");
        return item;
}

static Request request_of(const char *method, const char *raw, const char *header, const char *value) {
        Request request = { .method = xstrdup(method) };

        assert_ok(target_parse(raw, &request.target, err));
        if (header)
                pairs_take(&request.headers, xstrdup(header), xstrdup(value));
        return request;
}

static Document *body_of(const Response *response) {
        Document *body = NULL;

        assert_ok(body = document_parse(response->text.data, response->text.length, err));
        return body;
}

static void collections_link_their_pages(void **state) {
        Request request = request_of("GET", "/apps?page=2&max_results=1&where=%7B%7D", NULL, NULL);
        CLEANUP(list_request_clear) ListRequest query = { 0 };
        Document *items = document_array();
        Response response;

        (void) state;
        response_init(&response);
        assert_ok(list_request_read(&request, &query, err));
        document_append(items, sample());
        envelope_collection(&request, &response, &apps, &query, items, 3);

        CLEANUP(document_free) Document *body = body_of(&response);
        assert_string_equal(document_get_string(body, "_items.0._links.self.href"), "apps/" ID);
        assert_string_equal(document_get_string(body, "_items.0._links.self.title"), "app");
        assert_string_equal(
                document_get_string(body, "_links.self.href"), "apps?max_results=1&where={}&page=2");
        assert_string_equal(
                document_get_string(body, "_links.next.href"), "apps?max_results=1&where={}&page=3");
        assert_string_equal(document_get_string(body, "_links.prev.href"), "apps?max_results=1&where={}");
        assert_int_equal(document_get_int(body, "_meta.total"), 3);
        assert_string_equal(pairs_find(&response.headers, "X-Total-Count"), "3");
        assert_string_equal(pairs_find(&response.headers, "Last-Modified"), STAMP);
        response_clear(&response);
        request_clear(&request);
}

static int item_status(const char *header, const char *value) {
        Request request = request_of("GET", "/apps/" ID, header, value);
        Response response;

        response_init(&response);
        envelope_item(&request, &response, &apps, sample());
        assert_string_equal(pairs_find(&response.headers, "ETag"), "\"e7a93\"");
        int status = response.status;
        response_clear(&response);
        request_clear(&request);
        return status;
}

static void a_known_item_is_not_sent_again(void **state) {
        (void) state;
        assert_int_equal(item_status(NULL, NULL), 200);
        assert_int_equal(item_status("If-None-Match", "\"e7a93\""), 304);
        assert_int_equal(item_status("If-None-Match", "\"e7a9\""), 200);
        assert_int_equal(item_status("If-Modified-Since", STAMP), 304);
        assert_int_equal(item_status("If-Modified-Since", "Sun, 22 Nov 2026 23:24:37 GMT"), 200);
}

static void a_receipt_holds_no_content(void **state) {
        Request request = request_of("POST", "/apps", "Host", "ghost:5000");
        CLEANUP(document_free) Document *stored = sample();
        Response response;

        (void) state;
        response_init(&response);
        envelope_written(&request, &response, &apps, 201, stored);
        CLEANUP(document_free) Document *body = body_of(&response);
        assert_int_equal(response.status, 201);
        assert_string_equal(pairs_find(&response.headers, "Location"), "http://ghost:5000/apps/" ID);
        assert_string_equal(document_get_string(body, "_status"), "OK");
        assert_string_equal(document_get_string(body, "_etag"), "e7a9");
        assert_null(document_get(body, "name"));
        response_clear(&response);
        request_clear(&request);
}

static int edit_status(const char *header, const char *value) {
        Request request = request_of("PATCH", "/apps/" ID, header, value);
        Response response;

        response_init(&response);
        bool allowed = envelope_may_edit(&request, &response, "e7a9");
        int status = allowed ? 200 : response.status;
        response_clear(&response);
        request_clear(&request);
        return status;
}

static void edits_need_the_etag(void **state) {
        (void) state;
        assert_int_equal(edit_status(NULL, NULL), 428);
        assert_int_equal(edit_status("If-Match", "e7a9"), 200);
        assert_int_equal(edit_status("if-match", "\"e7a9\""), 200);
        assert_int_equal(edit_status("If-Match", "\"e7a93\""), 412);
        assert_int_equal(edit_status("If-Match", "*"), 412);
        assert_int_equal(edit_status("If-Match", "\""), 412);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(collections_link_their_pages),
                cmocka_unit_test(a_known_item_is_not_sent_again),
                cmocka_unit_test(a_receipt_holds_no_content),
                cmocka_unit_test(edits_need_the_etag),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
