#include "sources/s3_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "aws/s3.h"
#include "base/file.h"
#include "base/memory.h"
#include "sources/s3_url.h"

enum { PATH_MAX_BYTES = 4000, OBJECTS_MAX = 100000 };

/* One source being copied. */
typedef struct Copy {
        const S3SourceRequest *request;
        AwsSession session;
        char *bucket, *key;
        char *prefix;    /* of the keys that are copied */
        StringList keys; /* of what is below the prefix */
        uint64_t bytes;
} Copy;

static void copy_clear(Copy *copy) {
        free(copy->bucket);
        free(copy->key);
        free(copy->prefix);
        string_list_clear(&copy->keys);
}
static inline void copy_clearp(Copy *copy) {
        copy_clear(copy);
}

static bool is_newest(const char *revision) {
        return text_empty(revision) || strcasecmp(revision, "HEAD") == 0 ||
               strcasecmp(revision, "latest") == 0;
}

/* ---- one object ---- */

/* Keys are any bytes; as paths they must stay in the folder. */
static bool path_stays_inside(const char *path) {
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(path, '/', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                const char *part = parts.items[i];
                if (!*part || text_equal(part, ".") || text_equal(part, ".."))
                        return false;
        }
        return strlen(path) <= PATH_MAX_BYTES;
}

static bool make_parent(const char *file, Error **err) {
        CLEANUP(free) char *folder = xstrndup(file, (size_t) (strrchr(file, '/') - file));

        return file_make_folders(folder, 0755, err);
}

static bool copy_object(Copy *copy, const S3Object *object, const char *path, S3Facts *facts, Error **err) {
        CLEANUP(free) char *file = xasprintf("%s/%s", copy->request->folder, path);

        if (!path_stays_inside(path))
                return error_set(
                        err, ERROR_INVALID, "s3://%s/%.300s would be outside the module's folder: refused",
                        copy->bucket, object->key);
        if (!make_parent(file, err) || !s3_get_file(&copy->session, object, file, facts, err))
                return false;
        copy->bytes += facts->bytes;
        return chmod(file, 0644) == 0 || error_set(err, ERROR_INTERNAL, "chmod of %s: %m", file);
}

/* The last part of the key is the file's name. */
static bool copy_single(Copy *copy, const char *version, Error **err) {
        CLEANUP(s3_facts_clear) S3Facts facts = { 0 };
        CLEANUP(free) char *line = NULL;
        const char *slash = strrchr(copy->key, '/');
        const char *name = slash ? slash + 1 : copy->key;
        const S3Object object = { .bucket = copy->bucket, .key = copy->key, .version_id = version };

        if (!*name)
                return error_set(
                        err, ERROR_INVALID, "s3://%s/%.300s names no object that could have version '%.80s'",
                        copy->bucket, copy->key, version ? version : "");
        if (!copy_object(copy, &object, name, &facts, err))
                return false;
        line = xasprintf(
                "s3://%s/%s: %llu bytes%s%s", copy->bucket, copy->key, (unsigned long long) facts.bytes,
                *facts.version_id ? ", version " : "", facts.version_id);
        copy->request->log(copy->request->context, line);
        return true;
}

/* ---- all below a key ---- */

static bool note_key(void *context, const S3Entry *entry, Error **err) {
        Copy *copy = context;

        if (copy->keys.count == OBJECTS_MAX)
                return error_set(
                        err, ERROR_INVALID, "s3://%s/%.300s holds more than %d objects", copy->bucket,
                        copy->prefix, OBJECTS_MAX);
        string_list_add(&copy->keys, entry->key);
        return true;
}

/* Consoles make objects that end in '/' to show a folder. */
static bool copy_folder(Copy *copy, const char *path, Error **err) {
        CLEANUP(free) char *inside = xstrndup(path, strlen(path) - 1);
        CLEANUP(free) char *folder = xasprintf("%s/%s", copy->request->folder, inside);

        return path_stays_inside(inside)
                       ? file_make_folders(folder, 0755, err)
                       : error_set(
                                 err, ERROR_INVALID,
                                 "s3://%s/%s%.300s would be outside the module's folder: refused",
                                 copy->bucket, copy->prefix, path);
}

static bool copy_below(Copy *copy, Error **err) {
        CLEANUP(free) char *line = NULL;

        for (size_t i = 0; i < copy->keys.count; i++) {
                CLEANUP(s3_facts_clear) S3Facts facts = { 0 };
                const S3Object object = { .bucket = copy->bucket, .key = copy->keys.items[i] };
                const char *path = object.key + strlen(copy->prefix);

                if (!*path) /* the prefix itself, as a folder */
                        continue;
                if (!(text_ends_with(path, "/") ? copy_folder(copy, path, err)
                                                : copy_object(copy, &object, path, &facts, err)))
                        return false;
        }
        line = xasprintf(
                "s3://%s/%s: %zu objects, %llu bytes", copy->bucket, copy->prefix, copy->keys.count,
                (unsigned long long) copy->bytes);
        copy->request->log(copy->request->context, line);
        return true;
}

static bool copy_newest(Copy *copy, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;
        bool is_prefix = !*copy->key || text_ends_with(copy->key, "/");

        copy->prefix = xasprintf("%s%s", copy->key, is_prefix ? "" : "/");
        const S3List list = {
                .bucket = copy->bucket, .prefix = copy->prefix, .each = note_key, .context = copy
        };
        if (!s3_list(&copy->session, &list, err))
                return false;
        if (copy->keys.count > 0)
                return copy_below(copy, err);
        if (!is_prefix && copy_single(copy, NULL, &failed))
                return true;
        if (failed && error_kind(failed) != ERROR_NOT_FOUND) {
                *err = TAKE(failed);
                return false;
        }
        return error_set(
                err, ERROR_NOT_FOUND, "s3://%s/%.300s: there is no such object, and nothing below it",
                copy->bucket, copy->key);
}

bool s3_source_fetch(Aws *aws, const S3SourceRequest *request, char **ret_revision, Error **err) {
        CLEANUP(copy_clear)
        Copy copy = { .request = request,
                      .session = { .aws = aws,
                                   .region = text_empty(request->region) ? NULL : request->region,
                                   .deadline = request->deadline,
                                   .cancelled = request->cancelled,
                                   .context = request->context } };
        bool newest = is_newest(request->revision);

        if (!s3_url_parse(request->url, &copy.bucket, &copy.key, err) ||
            !file_make_folders(request->folder, 0755, err))
                return false;
        if (!(newest ? copy_newest(&copy, err) : copy_single(&copy, request->revision, err)))
                return false;
        *ret_revision = xstrdup(newest ? "HEAD" : request->revision);
        return true;
}
