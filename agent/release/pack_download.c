#include "release/pack_download.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/http_client.h"

enum { IDLE_TIMEOUT_MS = 20000, ANSWER_MAX_BYTES = 64 << 10, HTTP_PARTIAL_CONTENT = 206 };

struct PackDownload {
        PackDownloadSpec spec;
        HttpClient *http;
};

/* One piece on its way. */
typedef struct Piece {
        const PackDownloadSpec *spec;
        uint64_t left;
        bool too_long;
        Error *problem; /* of take() */
} Piece;

PackDownload *pack_download_new(const PackDownloadSpec *spec) {
        PackDownload *download = xcalloc(1, sizeof(*download));

        download->spec = *spec;
        download->http = http_client_new(&(HttpClientOptions){ .ca_file = spec->ca_file });
        return download;
}

void pack_download_free(PackDownload *download) {
        if (!download)
                return;
        http_client_free(download->http);
        free(download);
}

static bool take_bytes(void *context, const char *bytes, size_t length) {
        Piece *piece = context;

        piece->too_long = length > piece->left;
        if (piece->too_long)
                return false;
        piece->left -= length;
        return piece->spec->take(piece->spec->context, bytes, length, &piece->problem);
}

static bool is_cancelled(void *context) {
        const Piece *piece = context;

        return atomic_load(piece->spec->cancelled);
}

static PackDownloadResult fail(PackDownloadResult result, Error **err, const char *what, int status) {
        error_set(err, ERROR_UNAVAILABLE, "download: %s (HTTP status %d)", what, status);
        return result;
}

/* The server must say that the piece begins where it was asked to. */
static bool begins_at(const HttpResponse *response, uint64_t offset) {
        const char *range = http_response_header(response, "content-range");
        CLEANUP(free) char *expected = xasprintf("bytes %llu-", (unsigned long long) offset);

        return !range || text_starts_with(range, expected);
}

static PackDownloadResult judge(Piece *piece, const HttpResponse *response, uint64_t offset, Error **err) {
        int status = response->status;

        if (status == 400 || status == 401 || status == 403)
                return fail(PACK_DOWNLOAD_REFUSED, err, "refused", status);
        if (status >= 500 || status == 429)
                return fail(PACK_DOWNLOAD_AGAIN, err, "the server is in trouble", status);
        if (status != HTTP_PARTIAL_CONTENT)
                return fail(PACK_DOWNLOAD_USELESS, err, "the server does not send the piece", status);
        if (piece->too_long || !begins_at(response, offset))
                return fail(PACK_DOWNLOAD_USELESS, err, "another piece came than was asked for", status);
        if (piece->left > 0)
                return fail(PACK_DOWNLOAD_USELESS, err, "the pack is shorter than the manifest says", status);
        return PACK_DOWNLOAD_GOOD;
}

static PackDownloadResult no_answer(const PackDownload *download, Error *problem, Error **err) {
        ErrorKind kind = error_kind(problem);

        *err = problem;
        error_prefix(err, "download");
        if (kind == ERROR_CANCELLED || deadline_passed(download->spec.deadline))
                return PACK_DOWNLOAD_STOPPED;
        return kind == ERROR_UNAVAILABLE || kind == ERROR_TIMEOUT ? PACK_DOWNLOAD_AGAIN
                                                                  : PACK_DOWNLOAD_USELESS;
}

PackDownloadResult pack_download_range(
        PackDownload *download, const char *url, uint64_t offset, uint64_t length, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(free)
        char *range = xasprintf(
                "Range: bytes=%llu-%llu", (unsigned long long) offset,
                (unsigned long long) (offset + length - 1));
        const char *const headers[] = { range, NULL };
        Piece piece = { .spec = &download->spec, .left = length };
        int left_ms = deadline_left_ms(download->spec.deadline);
        const HttpRequest request = { .method = "GET",
                                      .url = url,
                                      .headers = headers,
                                      .timeout_ms = left_ms > 0 ? left_ms : 1,
                                      .idle_timeout_ms = IDLE_TIMEOUT_MS,
                                      .max_body_bytes = ANSWER_MAX_BYTES,
                                      .on_body = take_bytes,
                                      .on_body_status = HTTP_PARTIAL_CONTENT,
                                      .cancelled = is_cancelled,
                                      .context = &piece };
        Error *problem = NULL;

        if (!http_client_send(download->http, &request, &response, &problem))
                return no_answer(download, problem, err);
        if (piece.problem) {
                *err = piece.problem;
                return PACK_DOWNLOAD_STOPPED;
        }
        return judge(&piece, &response, offset, err);
}
