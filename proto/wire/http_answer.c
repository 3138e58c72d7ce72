#include "wire/http_answer.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { HEAD_MAX_BYTES = 16 << 10, LENGTH_MAX_BYTES = 1 << 30, HEX_DIGITS_MAX = 7 };

typedef struct Head {
        int status;
        size_t length; /* of it, the empty line included */
        bool has_length, chunked;
        size_t body_length;
} Head;

static HttpAnswerState bad(Error **err, const char *why) {
        (void) error_set(err, ERROR_INVALID, "%s", why);
        return HTTP_ANSWER_BAD;
}

static bool is_digit(char sign) {
        return sign >= '0' && sign <= '9';
}

/* "HTTP/1.1 200 OK" */
static bool read_status(const char *line, size_t length, int *ret) {
        if (length < 12 || strncmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) || line[8] != ' ')
                return false;
        for (int i = 9; i < 12; i++)
                if (!is_digit(line[i]))
                        return false;
        *ret = (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
        return *ret >= 100 && (length == 12 || line[12] == ' ');
}

static char *value_of(const char *line, size_t length, const char *name) {
        size_t name_length = strlen(name);

        if (length <= name_length || strncasecmp(line, name, name_length) != 0 || line[name_length] != ':')
                return NULL;
        CLEANUP(free) char *value = xstrndup(line + name_length + 1, length - name_length - 1);
        return text_trim(value);
}

static bool read_field(Head *head, const char *line, size_t length) {
        CLEANUP(free) char *size = value_of(line, length, "Content-Length");
        CLEANUP(free) char *coding = value_of(line, length, "Transfer-Encoding");
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t number = 0;

        if (coding) {
                head->chunked = strcasecmp(coding, "chunked") == 0;
                return head->chunked;
        }
        if (!size)
                return true;
        if (!text_parse_uint(size, 0, LENGTH_MAX_BYTES, &number, &ignored) ||
            (head->has_length && head->body_length != number))
                return false;
        head->has_length = true;
        head->body_length = (size_t) number;
        return true;
}

static HttpAnswerState read_head(const char *bytes, size_t length, bool ended, Head *ret, Error **err) {
        const char *end = memmem(bytes, length, "\r\n\r\n", 4), *at = bytes;

        if (!end && (ended || length > HEAD_MAX_BYTES))
                return bad(err, ended ? "the answer was cut" : "the answer's head does not end");
        if (!end)
                return HTTP_ANSWER_MORE;
        for (bool first = true; at < end + 2; first = false) {
                const char *newline = memmem(at, (size_t) (end + 2 - at), "\r\n", 2);
                size_t line = (size_t) (newline - at);
                if (first && !read_status(at, line, &ret->status))
                        return bad(err, "what answers does not speak HTTP/1");
                if (!first && !read_field(ret, at, line))
                        return bad(err, "the answer's length or coding is not understood");
                at = newline + 2;
        }
        ret->length = (size_t) (end + 4 - bytes);
        return HTTP_ANSWER_WHOLE;
}

static HttpAnswerState go_on(bool ended, Error **err) {
        return ended ? bad(err, "the answer was cut") : HTTP_ANSWER_MORE;
}

static int hex_value(char digit) {
        if (is_digit(digit))
                return digit - '0';
        if (digit >= 'a' && digit <= 'f')
                return digit - 'a' + 10;
        return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* "1a;extension" */
static bool chunk_length(const char *line, size_t length, size_t *ret) {
        size_t digits = 0;

        *ret = 0;
        for (; digits < length && hex_value(line[digits]) >= 0; digits++) {
                if (digits == HEX_DIGITS_MAX)
                        return false;
                *ret = *ret << 4 | (size_t) hex_value(line[digits]);
        }
        return digits > 0 && (digits == length || line[digits] == ';' || line[digits] == ' ');
}

static HttpAnswerState read_chunks(const char *at, size_t left, bool ended, Text *body, Error **err) {
        CLEANUP(text_clear) Text found = { 0 };

        for (;;) {
                const char *newline = memmem(at, left, "\r\n", 2);
                size_t size = 0;
                if (!newline)
                        return left > HEAD_MAX_BYTES ? bad(err, "a chunk of the answer has no length")
                                                     : go_on(ended, err);
                if (!chunk_length(at, (size_t) (newline - at), &size))
                        return bad(err, "a chunk of the answer has no length");
                left -= (size_t) (newline + 2 - at);
                at = newline + 2;
                if (size == 0)
                        break; /* trailers are nothing to us */
                if (left < size + 2)
                        return go_on(ended, err);
                if (memcmp(at + size, "\r\n", 2) != 0)
                        return bad(err, "a chunk of the answer does not end where it says");
                text_append_bytes(&found, at, size);
                at += size + 2;
                left -= size + 2;
        }
        text_append_bytes(body, found.data ? found.data : "", found.length);
        return HTTP_ANSWER_WHOLE;
}

HttpAnswerState http_answer_read(
        const char *bytes, size_t length, bool ended, int *ret_status, Text *body, Error **err) {
        Head head = { 0 };
        HttpAnswerState state = read_head(bytes, length, ended, &head, err);

        if (state != HTTP_ANSWER_WHOLE)
                return state;
        size_t left = length - head.length;
        *ret_status = head.status;
        if (head.chunked)
                return read_chunks(bytes + head.length, left, ended, body, err);
        if (head.has_length ? left < head.body_length : !ended)
                return go_on(ended, err);
        text_append_bytes(body, bytes + head.length, head.has_length ? head.body_length : left);
        return HTTP_ANSWER_WHOLE;
}
