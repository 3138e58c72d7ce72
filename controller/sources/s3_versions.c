#include "sources/s3_versions.h"

#include <stdlib.h>
#include <string.h>

#include "aws/s3.h"
#include "base/memory.h"
#include "sources/s3_url.h"

/* One list being read. */
typedef struct Reading {
        const char *key;
        size_t most;
        S3Versions *versions;
        bool enough; /* what follows is another key's, or too much */
} Reading;

void s3_versions_clear(S3Versions *versions) {
        for (size_t i = 0; i < versions->count; i++) {
                free(versions->items[i].id);
                free(versions->items[i].last_modified);
        }
        free(versions->items);
        *versions = (S3Versions){ 0 };
}

/* Keys come in order: all versions of the key itself before those of longer ones. A bucket that never kept
 * versions has one, "null", which cannot be asked for as one. */
static bool note(void *context, const S3Entry *entry, Error **err) {
        Reading *reading = context;
        S3Versions *versions = reading->versions;

        reading->enough = !text_equal(entry->key, reading->key) || versions->count == reading->most;
        if (reading->enough)
                return error_set(err, ERROR_CANCELLED, "enough of them");
        if (entry->is_delete_marker || text_equal(entry->version_id, "null") || !*entry->version_id)
                return true;
        versions->items = xrealloc(versions->items, (versions->count + 1) * sizeof(*versions->items));
        versions->items[versions->count++] = (S3Version){ .id = xstrdup(entry->version_id),
                                                          .last_modified = xstrdup(entry->last_modified),
                                                          .bytes = entry->bytes,
                                                          .is_latest = entry->is_latest };
        return true;
}

bool s3_versions_list(Aws *aws, const S3SourceRequest *request, size_t most, S3Versions *ret, Error **err) {
        AwsSession session = { .aws = aws,
                               .region = text_empty(request->region) ? NULL : request->region,
                               .deadline = request->deadline,
                               .cancelled = request->cancelled,
                               .context = request->context };
        CLEANUP(free) char *bucket = NULL;
        CLEANUP(free) char *key = NULL;
        CLEANUP(error_free) Error *failed = NULL;

        *ret = (S3Versions){ 0 };
        if (!s3_url_parse(request->url, &bucket, &key, err))
                return false;
        if (!*key || text_ends_with(key, "/"))
                return true;
        Reading reading = { .key = key, .most = most, .versions = ret };
        const S3List list = { .bucket = bucket, .prefix = key, .each = note, .context = &reading };
        if (s3_list_versions(&session, &list, &failed) || reading.enough)
                return true;
        s3_versions_clear(ret);
        *err = TAKE(failed);
        return false;
}
