/* /web/: the pages, from files built into the program. They hold no secrets: who may see what is the API's to
 * say, which they ask. */
#include <string.h>
#include <zlib.h>

#include "api/resources.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "http/request.h"
#include "http/response.h"
#include "ui/web/web_files.h"

/* Nothing but this server's own files, and nothing written into a page: a log line can never become code. */
static const char policy[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static const WebFile *find_file(const char *name) {
        const WebFile *file = web_files;

        while (file->name && strcmp(file->name, name) != 0)
                file++;
        return file->name ? file : NULL;
}

static bool takes_gzip(const Request *request) {
        const char *accepted = request_header(request, "Accept-Encoding");

        return accepted && strstr(accepted, "gzip") && !strstr(accepted, "gzip;q=0");
}

/* For those few that do not. */
static bool unpack(const WebFile *file, Text *text, Error **err) {
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

static bool put_body(const Request *request, Response *response, const WebFile *file, Error **err) {
        response_text(response, 200, file->type, "");
        response_header(response, "Vary", "Accept-Encoding");
        if (!takes_gzip(request))
                return unpack(file, &response->text, err);
        response_header(response, "Content-Encoding", "gzip");
        text_append_bytes(&response->text, file->gzip, file->gzip_length);
        return true;
}

static bool is_known_to(const Request *request, const WebFile *file) {
        const char *known = request_header(request, "If-None-Match");

        return known && strstr(known, file->etag);
}

static bool put_file(const Request *request, Response *response, const WebFile *file, Error **err) {
        bool named_by_content = strncmp(file->name, "assets/", strlen("assets/")) == 0;

        if (is_known_to(request, file))
                response_text(response, 304, file->type, "");
        else if (!put_body(request, response, file, err))
                return false;
        response_header(response, "ETag", "\"%s\"", file->etag);
        response_header(
                response, "Cache-Control",
                named_by_content ? "public, max-age=31536000, immutable" : "no-cache");
        response_header(response, "Content-Security-Policy", policy);
        response_header(response, "X-Content-Type-Options", "nosniff");
        response_header(response, "Referrer-Policy", "same-origin");
        return true;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        const char *given = request_param(request, "*");
        const char *name = given && *given ? given : "index.html";
        const WebFile *file = find_file(name);

        (void) services;
        if (!web_files[0].name)
                return error_set(err, ERROR_NOT_FOUND, "this controller was built without the web interface");
        /* Pages are addresses of the interface itself: it finds out what to show. */
        if (!file && strncmp(name, "assets/", strlen("assets/")) != 0)
                file = find_file("index.html");
        if (!file)
                return error_set(err, ERROR_NOT_FOUND, "no such file in the web interface");
        return put_file(request, response, file, err);
}

static const Route routes[] = {
        { "GET", "/web", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "web", .summary = "The web interface", .kind = ANSWER_PAGE } },
        { "GET", "/web/*", RIGHT_NONE, show, 0,
          &(const RouteDoc){
                  .operation = "web_file", .summary = "A file of the web interface", .kind = ANSWER_PAGE } },
};

const Resource web_resource = RESOURCE("web", routes);
