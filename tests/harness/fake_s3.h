/* A bucket-keeping HTTP server for tests: as much of S3 as Ghost uses, objects in memory, nothing checked but
 * that a request is signed. Anything between "/" and "?" is the object's name, the bucket included. */
#pragma once

#include "harness/scripted_http.h"

typedef struct FakeS3 FakeS3;

FakeS3 *fake_s3_start(void);
void fake_s3_stop(FakeS3 *s3);
static inline void fake_s3_stopp(FakeS3 **s3) {
        if (*s3)
                fake_s3_stop(*s3);
}

ScriptedHttp *fake_s3_server(const FakeS3 *s3);
const char *fake_s3_url(const FakeS3 *s3);
/* How many requests of that method and status were answered since the start; status 0: all. */
size_t fake_s3_count(FakeS3 *s3, const char *method, int status);
/* An object as if somebody else had put it: path is "bucket/key". Later ones become new versions "v1", "v2" …
 */
void fake_s3_add(FakeS3 *s3, const char *path, const void *bytes, size_t length);
/* The next `count` GETs are refused with that status. */
void fake_s3_refuse(FakeS3 *s3, int status, int count);
