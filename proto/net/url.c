#include "net/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool is_unreserved(unsigned char byte) {
        return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
               byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void url_append_encoded(Text *text, const void *bytes, size_t length, const char *keep) {
        static const char digits[] = "0123456789ABCDEF";
        const unsigned char *at = bytes;

        for (size_t i = 0; i < length; i++)
                if (is_unreserved(at[i]) || (keep && at[i] && strchr(keep, at[i])))
                        text_append_bytes(text, at + i, 1);
                else
                        text_append_bytes(text, (char[]){ '%', digits[at[i] >> 4], digits[at[i] & 15] }, 3);
}

char *url_encode_bytes(const void *bytes, size_t length, const char *keep) {
        Text text = { 0 };

        url_append_encoded(&text, bytes, length, keep);
        return text_take(&text);
}

char *url_encode(const char *string, const char *keep) {
        return url_encode_bytes(string, strlen(string), keep);
}

static int hex_value(char digit) {
        if (digit >= '0' && digit <= '9')
                return digit - '0';
        if (digit >= 'a' && digit <= 'f')
                return digit - 'a' + 10;
        if (digit >= 'A' && digit <= 'F')
                return digit - 'A' + 10;
        return -1;
}

char *url_decode(const char *string, size_t length, size_t *ret_length) {
        char *decoded = xcalloc(length + 1, 1);
        size_t used = 0;

        for (size_t i = 0; i < length; i++) {
                int high = string[i] == '%' && i + 2 < length ? hex_value(string[i + 1]) : -1;
                int low = high >= 0 ? hex_value(string[i + 2]) : -1;

                if (low >= 0)
                        i += 2;
                decoded[used++] = low >= 0 ? (char) (high << 4 | low) : string[i];
        }
        if (ret_length)
                *ret_length = used;
        return decoded;
}

void url_append_parameter(Text *text, const char *name, const char *value) {
        char last = text->length > 0 ? text->data[text->length - 1] : '?';

        if (last != '?' && last != '&')
                text_append(text, "&");
        url_append_encoded(text, name, strlen(name), NULL);
        text_append(text, "=");
        url_append_encoded(text, value, strlen(value), NULL);
}

static char *lower_case(const char *string, size_t length) {
        char *copy = xstrndup(string, length);

        for (char *at = copy; *at; at++)
                if (*at >= 'A' && *at <= 'Z')
                        *at = (char) (*at - 'A' + 'a');
        return copy;
}

/* host, host:port, [v6] or [v6]:port, of which `length` bytes are given. */
static bool parse_authority(const char *string, size_t length, Url *url, Error **err) {
        CLEANUP(free) char *authority = xstrndup(string, length);
        int own_port = text_equal(url->scheme, "https") ? 443 : 80;
        char *host = authority, *end;
        bool v6 = *authority == '[';
        uint64_t port = (uint64_t) own_port;

        if (v6) {
                end = strchr(++host, ']');
                if (!end)
                        return error_set(err, ERROR_INVALID, "URL: '[' without ']'");
                *end++ = '\0';
        } else
                end = host + strcspn(host, ":");
        if (*end == ':') {
                *end++ = '\0';
                if (!text_parse_uint(end, 1, 65535, &port, err))
                        return error_prefix(err, "URL: port");
        } else if (*end)
                return error_set(err, ERROR_INVALID, "URL: '%s' after the host", end);
        if (!*host ||
            host[strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:%")])
                return error_set(err, ERROR_INVALID, "URL: host '%s' is not valid", host);

        url->host = lower_case(host, strlen(host));
        url->port = (int) port;
        url->authority = v6 ? xasprintf("[%s]", url->host) : xstrdup(url->host);
        if (url->port != own_port) {
                char *with_port = xasprintf("%s:%d", url->authority, url->port);
                free(url->authority);
                url->authority = with_port;
        }
        return true;
}

static bool parse(const char *string, Url *url, Error **err) {
        const char *rest = strstr(string, "://");

        if (!rest)
                return error_set(err, ERROR_INVALID, "URL: no scheme; write http:// or https:// in front");
        url->scheme = lower_case(string, (size_t) (rest - string));
        if (!text_equal(url->scheme, "http") && !text_equal(url->scheme, "https"))
                return error_set(
                        err, ERROR_INVALID, "URL: scheme '%.16s' is neither http nor https", url->scheme);
        for (const char *at = string; *at; at++)
                if ((unsigned char) *at <= ' ' || *at == 0x7f || *at == '#' || *at == '\\')
                        return error_set(
                                err, ERROR_INVALID,
                                "URL: blanks, control characters, '#' and '\\' are refused");

        rest += strlen("://");
        size_t length = strcspn(rest, "/?");
        if (memchr(rest, '@', length))
                return error_set(err, ERROR_INVALID, "URL: user names are refused");
        if (!parse_authority(rest, length, url, err))
                return false;

        rest += length;
        length = strcspn(rest, "?");
        url->path = *rest == '/' ? xstrndup(rest, length) : xstrdup("/");
        if (rest[length] == '?')
                url->query = xstrdup(rest + length + 1);
        return true;
}

bool url_parse(const char *string, Url *ret, Error **err) {
        CLEANUP(url_clear) Url url = { 0 };

        if (!parse(string, &url, err))
                return false;
        *ret = url;
        url = (Url){ 0 };
        return true;
}

void url_clear(Url *url) {
        free(url->scheme);
        free(url->host);
        free(url->authority);
        free(url->path);
        free(url->query);
        *url = (Url){ 0 };
}
