#include "api/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "http/range.h"

bool log_file_offset(const Request *request, uint64_t *ret, Error **err) {
        const char *header = request_header(request, "Last-Event-ID"),
                   *query = request_query(request, "offset");
        const char *word = !text_empty(header) ? header : query;

        *ret = 0;
        if (!word)
                return true;
        return text_parse_uint(word, 0, INT64_MAX, ret, err) ? true : error_prefix(err, "offset");
}

static void answer_range(const Request *request, Response *response, int *fd, uint64_t size) {
        uint64_t first = 0, last = 0;

        switch (range_parse(request_header(request, "Range"), size, &first, &last)) {
        case RANGE_WHOLE:
                response->status = 200;
                response_file(response, *fd, 0, size);
                break;
        case RANGE_PART:
                response->status = 206;
                response_header(
                        response, "Content-Range", "bytes %llu-%llu/%llu", (unsigned long long) first,
                        (unsigned long long) last, (unsigned long long) size);
                response_file(response, *fd, first, last - first + 1);
                break;
        case RANGE_UNSATISFIABLE:
                response_fail(response, 416, "The log is %llu bytes long", (unsigned long long) size);
                response_header(response, "Content-Range", "bytes */%llu", (unsigned long long) size);
                return;
        }
        *fd = -1;
}

void log_file_answer(
        const Request *request, Response *response, const char *path, const char *job_id, bool finished) {
        log_file_answer_open(request, response, open(path, O_RDONLY | O_CLOEXEC), job_id, finished);
}

void log_file_answer_open(
        const Request *request, Response *response, int file, const char *name, bool finished) {
        CLEANUP(file_close) int fd = file;
        CLEANUP(error_free) Error *error = NULL;
        struct stat status;
        uint64_t offset;

        if (!log_file_offset(request, &offset, &error)) {
                response_fail(response, 400, "%s", error_message(error));
                return;
        }
        if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
                response_fail(response, 404, "No log file yet.");
                return;
        }
        uint64_t size = (uint64_t) status.st_size;
        response_header(response, "Content-Type", "text/plain; charset=utf-8");
        response_header(response, "Content-Disposition", "attachment; filename=%s.txt", name);
        response_header(response, "Accept-Ranges", "bytes");
        response_header(response, "Cache-Control", finished ? "private, max-age=43200" : "no-store");
        response_header(response, "X-Log-Size", "%llu", (unsigned long long) size);
        if (!request_query(request, "offset")) {
                answer_range(request, response, &fd, size);
                return;
        }
        response->status = 200;
        response_file(response, fd, offset < size ? offset : size, offset < size ? size - offset : 0);
        fd = -1;
}
