/* What is in a bucket, page by page. */
#include <stdlib.h>
#include <string.h>

#include "aws/s3_request.h"
#include "aws/xml.h"
#include "base/memory.h"
#include "net/url.h"

enum { PAGES_MAX = 10000, STARTS_MAX = 3 };

/* One page's place in the list. */
typedef struct Cursor {
        char *token;         /* of the list of objects */
        char *key, *version; /* of the list of versions */
        bool more;
        char *last_key;  /* that was handed over; NULL: none yet */
        int starts;      /* how often the list was taken up without a token */
        StringList seen; /* the places so far */
} Cursor;

static void forget_place(Cursor *cursor) {
        free(TAKE(cursor->token));
        free(TAKE(cursor->key));
        free(TAKE(cursor->version));
}

static inline void cursor_clearp(Cursor *cursor) {
        forget_place(cursor);
        free(cursor->last_key);
        string_list_clear(&cursor->seen);
}

/* encoding-type=url writes a blank as '+'. */
static char *decode(const char *encoded) {
        CLEANUP(free) char *blanks = xstrdup(encoded ? encoded : "");

        for (char *at = blanks; *at; at++)
                if (*at == '+')
                        *at = ' ';
        return url_decode(blanks, strlen(blanks), NULL);
}

/* S3 may begin with a good status and find only then that it cannot answer: an error is no empty list. */
static AwsErrorClass parse_page(void *context, const HttpResponse *response, Error **err) {
        CLEANUP(xml_free) Xml *root = NULL;
        Xml **ret = context;

        if (!xml_parse(response->body, response->body_length, &root, err)) {
                error_prefix(err, "the answer");
                return AWS_ERROR_TRANSIENT;
        }
        if (text_equal(xml_name(root), "ListBucketResult") ||
            text_equal(xml_name(root), "ListVersionsResult")) {
                *ret = TAKE(root);
                return AWS_ERROR_NONE;
        }
        const char *code = xml_text(root, "Code");
        error_set(
                err, ERROR_UNAVAILABLE, "the answer: <%.40s> is no list%s%.80s", xml_name(root),
                code ? ": " : "", code ? code : "");
        return AWS_ERROR_TRANSIENT;
}

static bool get_page(
        AwsSession *session, const S3List *list, const char *action, const Text *query, Xml **ret,
        Error **err) {
        const S3Object bucket = { .bucket = list->bucket, .key = "" };
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        SignedRequest request = {
                .action = action, .method = "GET", .query = query->data, .accept = parse_page, .context = ret
        };

        return s3_send(session, &bucket, &request, &response, err);
}

static bool hand_over(const S3List *list, const Xml *element, Cursor *cursor, Error **err) {
        CLEANUP(free) char *key = decode(xml_text(element, "Key"));
        const char *version = xml_text(element, "VersionId");
        const char *modified = xml_text(element, "LastModified");
        long long bytes = xml_int(element, "Size");
        const S3Entry entry = { .key = key,
                                .version_id = version ? version : "",
                                .last_modified = modified ? modified : "",
                                .bytes = bytes > 0 ? (uint64_t) bytes : 0,
                                .is_latest = xml_bool(element, "IsLatest"),
                                .is_delete_marker = text_equal(xml_name(element), "DeleteMarker") };

        if (!version &&
            text_equal(key, cursor->last_key)) /* at the end of a page and once more on the next */
                return true;
        if (!list->each(list->context, &entry, err))
                return false;
        free(cursor->last_key);
        cursor->last_key = TAKE(key);
        return true;
}

static bool hand_over_all(const S3List *list, const Xml *page, Cursor *cursor, Error **err) {
        static const char *const names[] = { "Contents", "Version", "DeleteMarker" };

        for (const Xml *element = xml_first(page, NULL); element; element = xml_next(element, NULL))
                for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                        if (text_equal(xml_name(element), names[i]) && !hand_over(list, element, cursor, err))
                                return false;
        return true;
}

/* A list that goes on but does not say where, or where it was, would be read for ever. */
static bool next_place(const S3List *list, const Xml *page, Cursor *cursor, Error **err) {
        forget_place(cursor);
        cursor->more = xml_bool(page, "IsTruncated");
        cursor->token = xml_text_copy(page, "NextContinuationToken");
        cursor->key = decode(xml_text(page, "NextKeyMarker"));
        cursor->version = xml_text_copy(page, "NextVersionIdMarker");
        if (!cursor->more)
                return true;
        if (!*cursor->token && !*cursor->key)
                return error_set(
                        err, ERROR_INTERNAL, "S3 says that the list of s3://%s goes on, but not where",
                        list->bucket);
        CLEANUP(free) char *place = xasprintf("%s\n%s\n%s", cursor->token, cursor->key, cursor->version);
        if (string_list_contains(&cursor->seen, place))
                return error_set(
                        err, ERROR_INTERNAL,
                        "S3 says that the list of s3://%s goes on where it was before: it would never end",
                        list->bucket);
        string_list_take(&cursor->seen, TAKE(place));
        return true;
}

/* S3 does not know its own token any more: the list is taken up after the last key, a few times. */
static bool start_again(const AwsSession *session, Cursor *cursor, Error **err) {
        if (text_empty(cursor->token) || session->failure.class != AWS_ERROR_CALLER ||
            ++cursor->starts == STARTS_MAX)
                return false;
        error_free(TAKE(*err));
        forget_place(cursor);
        return true;
}

static void add_if(Text *query, const char *name, const char *value) {
        if (!text_empty(value))
                url_append_parameter(query, name, value);
}

bool s3_list(AwsSession *session, const S3List *list, Error **err) {
        CLEANUP(cursor_clear) Cursor cursor = { .more = true };

        for (int pages = 0; cursor.more; pages++) {
                CLEANUP(xml_free) Xml *page = NULL;
                CLEANUP(text_clear) Text query = { 0 };

                if (pages == PAGES_MAX)
                        return error_set(err, ERROR_INVALID, "s3://%s: too many objects", list->bucket);
                url_append_parameter(&query, "list-type", "2");
                url_append_parameter(&query, "encoding-type", "url");
                add_if(&query, "prefix", list->prefix);
                add_if(&query, "continuation-token", cursor.token);
                if (text_empty(cursor.token))
                        add_if(&query, "start-after", cursor.last_key);
                if (!get_page(session, list, "ListObjectsV2", &query, &page, err)) {
                        if (!start_again(session, &cursor, err))
                                return false;
                        continue;
                }
                if (!hand_over_all(list, page, &cursor, err) || !next_place(list, page, &cursor, err))
                        return false;
        }
        return true;
}

bool s3_list_versions(AwsSession *session, const S3List *list, Error **err) {
        CLEANUP(cursor_clear) Cursor cursor = { .more = true };

        for (int pages = 0; cursor.more; pages++) {
                CLEANUP(xml_free) Xml *page = NULL;
                CLEANUP(text_clear) Text query = { 0 };

                if (pages == PAGES_MAX)
                        return error_set(err, ERROR_INVALID, "s3://%s: too many versions", list->bucket);
                url_append_parameter(&query, "versions", "");
                url_append_parameter(&query, "encoding-type", "url");
                add_if(&query, "prefix", list->prefix);
                add_if(&query, "key-marker", cursor.key);
                add_if(&query, "version-id-marker", cursor.version);
                if (!get_page(session, list, "ListObjectVersions", &query, &page, err) ||
                    !hand_over_all(list, page, &cursor, err) || !next_place(list, page, &cursor, err))
                        return false;
        }
        return true;
}
