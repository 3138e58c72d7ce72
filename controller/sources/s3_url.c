#include "sources/s3_url.h"

#include <string.h>

#include "aws/s3.h"
#include "base/memory.h"
#include "base/text.h"

bool s3_url_parse(const char *url, char **ret_bucket, char **ret_key, Error **err) {
        static const char scheme[] = "s3://";
        CLEANUP(error_free) Error *ignored = NULL;

        if (text_starts_with(url, scheme)) {
                const char *bucket = url + strlen(scheme);
                size_t length = strcspn(bucket, "/");
                CLEANUP(free) char *name = xstrndup(bucket, length);

                if (s3_bucket_name_check(name, &ignored)) {
                        *ret_bucket = TAKE(name);
                        *ret_key = xstrdup(bucket[length] ? bucket + length + 1 : "");
                        return true;
                }
        }
        return error_set(
                err, ERROR_INVALID, "Invalid S3 source url given: '%.200s' is not s3://bucket/key", url);
}
