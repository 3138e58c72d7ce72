#include "harness/store_case.h"

#include <string.h>

#include "store/audit_store.h"

static Document *only_note(Store *store) {
        CLEANUP(document_free) Document *all = NULL;

        assert_ok(collection_find(store, COLLECTION_AUDIT, NULL, &all, err));
        assert_int_equal(document_count(all), 1);
        return document_copy(document_at(all, 0));
}

static Document *parse(const char *text) {
        CLEANUP(error_free) Error *error = NULL;
        Document *document = document_parse(text, strlen(text), &error);

        assert_non_null(document);
        return document;
}

static void a_change_is_kept_member_by_member(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free)
        Document *before =
                parse("{\"_etag\":\"1\",\"same\":1,\"gone\":2,\"other\":[3],\"secret_token\":\"a\"}");
        CLEANUP(document_free)
        Document *after =
                parse("{\"_etag\":\"2\",\"same\":1,\"other\":[4],\"new\":{\"x\":5},\"password\":\"b\"}");
        const AuditEntry entry = { .user = "ann",
                                   .via = "token ci",
                                   .address = "192.0.2.1",
                                   .request = "r",
                                   .action = "app update",
                                   .target = "1",
                                   .before = before,
                                   .after = after };

        assert_ok(audit_store_add(store, &entry, err));
        CLEANUP(document_free) Document *note = only_note(store);
        CLEANUP(free) char *change = document_canonical(document_get(note, "change"));
        assert_string_equal(
                change,
                "{\"gone\":{\"from\":2},\"new\":{\"to\":{\"x\":5}},\"other\":{\"from\":[3],\"to\":[4]}}");
        assert_string_equal(document_get_string(note, "resource"), "app");
        assert_string_equal(document_get_string(note, "action"), "update");
        assert_string_equal(document_get_string(note, "target"), "1");
        assert_string_equal(document_get_string(note, "user"), "ann");
        assert_string_equal(document_get_string(note, "via"), "token ci");
        assert_string_equal(document_get_string(note, "address"), "192.0.2.1");
}

static void a_large_change_is_kept_by_name(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *after = document_object();
        CLEANUP(free) char *large = xcalloc(1, AUDIT_CHANGE_MAX_BYTES + 1);

        memset(large, 'x', AUDIT_CHANGE_MAX_BYTES);
        document_set_string(after, "description", large);
        assert_ok(audit_store_add(
                store, &(AuditEntry){ .action = "app create", .target = "1", .after = after }, err));
        CLEANUP(document_free) Document *note = only_note(store);
        CLEANUP(free) char *change = document_canonical(document_get(note, "change"));
        assert_string_equal(change, "{\"description\":{}}");
        assert_null(document_get(note, "user"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_change_is_kept_member_by_member),
                STORE_TEST(a_large_change_is_kept_by_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
