#include "api/embedded_answer.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"

const EmbeddedFile *embedded_file_find(const EmbeddedFile *files, const char *name) {
        while (files->name && strcmp(files->name, name) != 0)
                files++;
        return files->name ? files : NULL;
}

static bool takes_gzip(const Request *request) {
        const char *accepted = request_header(request, "Accept-Encoding");

        return accepted && strstr(accepted, "gzip") && !strstr(accepted, "gzip;q=0");
}

/* For those few that do not. */
static bool unpack(const EmbeddedFile *file, Text *text, Error **err) {
        enum { GZIP_WINDOW = 15 + 16 };
        CLEANUP(free) unsigned char *bytes = xcalloc(1, file->length + 1);
        z_stream stream = { .next_in = (unsigned char *) file->gzip,
                            .avail_in = (unsigned) file->gzip_length,
                            .next_out = bytes,
                            .avail_out = (unsigned) file->length + 1 };

        if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
                return error_set(err, ERROR_INTERNAL, "zlib does not start");
        int status = inflate(&stream, Z_FINISH);
        inflateEnd(&stream);
        if (status != Z_STREAM_END || stream.total_out != file->length)
                return error_set(err, ERROR_INTERNAL, "%s is damaged in this program", file->name);
        text_append_bytes(text, bytes, file->length);
        return true;
}

static bool put_body(const Request *request, Response *response, const EmbeddedFile *file, Error **err) {
        response_text(response, 200, file->type, "");
        response_header(response, "Vary", "Accept-Encoding");
        if (!takes_gzip(request))
                return unpack(file, &response->text, err);
        response_header(response, "Content-Encoding", "gzip");
        text_append_bytes(&response->text, file->gzip, file->gzip_length);
        return true;
}

static bool is_known_to(const Request *request, const EmbeddedFile *file) {
        const char *known = request_header(request, "If-None-Match");

        return known && strstr(known, file->etag);
}

bool embedded_answer(
        const Request *request, Response *response, const EmbeddedFile *file, const EmbeddedHeaders *headers,
        Error **err) {
        if (is_known_to(request, file))
                response_text(response, 304, file->type, "");
        else if (!put_body(request, response, file, err))
                return false;
        response_header(response, "ETag", "\"%s\"", file->etag);
        response_header(response, "Cache-Control", "%s", headers->cache_control);
        response_header(response, "Content-Security-Policy", "%s", headers->security_policy);
        response_header(response, "X-Content-Type-Options", "nosniff");
        response_header(response, "Referrer-Policy", "same-origin");
        return true;
}
