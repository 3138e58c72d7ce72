#include "webhooks/repository.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { URL_MAX = 2000 };

static const struct {
        const char *scheme, *port;
} usual_ports[] = { { "https", "443" }, { "http", "80" }, { "ssh", "22" }, { "git", "9418" } };

/* ":443" after https:// says nothing. */
static bool is_usual_port(const char *url, const char *port, size_t length) {
        for (size_t i = 0; i < sizeof(usual_ports) / sizeof(usual_ports[0]); i++) {
                size_t scheme = strlen(usual_ports[i].scheme);

                if (strncasecmp(url, usual_ports[i].scheme, scheme) == 0 && url[scheme] == ':' &&
                    strlen(usual_ports[i].port) == length && memcmp(usual_ports[i].port, port, length) == 0)
                        return true;
        }
        return false;
}

static void append_lower(Text *key, const char *bytes, size_t length) {
        size_t start = key->length;

        text_append_bytes(key, bytes, length);
        for (char *c = key->data + start; length > 0; c++, length--)
                if (*c >= 'A' && *c <= 'Z')
                        *c = (char) (*c - 'A' + 'a');
}

/* What follows the last '@' of the first length bytes. */
static const char *after_login(const char *authority, size_t *length) {
        const char *at = memrchr(authority, '@', *length);

        if (!at)
                return authority;
        *length -= (size_t) (at + 1 - authority);
        return at + 1;
}

static void append_authority(Text *key, const char *url, const char *authority, size_t length) {
        const char *host = after_login(authority, &length), *colon = memrchr(host, ':', length);
        bool has_port = colon && !memchr(colon, ']', length - (size_t) (colon - host));

        if (has_port && is_usual_port(url, colon + 1, length - (size_t) (colon + 1 - host)))
                length = (size_t) (colon - host);
        append_lower(key, host, length);
}

/* Without empty parts, and without ".git" at the end. */
static void append_path(Text *key, const char *path) {
        size_t start = key->length;

        while (*path) {
                size_t length = strcspn(path, "/");

                if (length > 0) {
                        text_append(key, "/");
                        text_append_bytes(key, path, length);
                }
                path += length + (path[length] == '/');
        }
        if (key->length > start + strlen("/.git") && text_ends_with(key->data, ".git"))
                key->data[key->length -= strlen(".git")] = '\0';
}

char *repository_key(const char *url) {
        CLEANUP(text_clear) Text key = { 0 };
        const char *mark = url ? strstr(url, "://") : NULL;

        if (text_empty(url) || strlen(url) > URL_MAX)
                return xstrdup("");
        if (mark) {
                const char *authority = mark + strlen("://");
                size_t length = strcspn(authority, "/");

                append_authority(&key, url, authority, length);
                append_path(&key, authority + length);
        } else {
                size_t length = strcspn(url, "/:"); /* user@host:path */

                if (url[length] == ':')
                        append_authority(&key, "", url, length);
                append_path(&key, url[length] == ':' ? url + length + 1 : url);
        }
        return text_take(&key);
}

bool repository_same(const char *a, const char *b) {
        CLEANUP(free) char *first = repository_key(a);
        CLEANUP(free) char *second = repository_key(b);

        return *first && strcmp(first, second) == 0;
}
