/* Which repositories git may be pointed at. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "sources/git_mirror.h"

enum { URL_MAX = 2000 };

static bool plain(const char *url) {
        for (; *url; url++)
                if (iscntrl((unsigned char) *url) || *url == ' ' || *url == '\\')
                        return false;
        return true;
}

/* user@host:path, or host:path: no scheme, a colon before the first slash. */
static bool is_scp_like(const char *url) {
        size_t host = strcspn(url, "/:");

        return host > 0 && url[host] == ':' && url[host + 1] != ':' && url[host + 1] != '\0' &&
               url[host + 1] != '-' && !strstr(url, "://");
}

/* What comes after the scheme: a host that ssh would take for an option is refused. */
static bool has_host(const char *url) {
        const char *host = strstr(url, "://") + 3;
        const char *at = memchr(host, '@', strcspn(host, "/"));

        if (at)
                host = at + 1;
        return *host != '-' && strcspn(host, "/:") > 0;
}

bool git_url_check(const char *url, bool allow_file, Error **err) {
        static const char *const schemes[] = { "https://", "ssh://", "git://", "http://" };

        if (text_empty(url))
                return error_set(err, ERROR_INVALID, "the module has no repository");
        if (strlen(url) > URL_MAX || !plain(url) || url[0] == '-')
                return error_set(err, ERROR_INVALID, "'%.200s' is not the address of a repository", url);
        for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
                if (text_starts_with(url, schemes[i]))
                        return has_host(url) || error_set(
                                                        err, ERROR_INVALID,
                                                        "'%.200s' is not the address of a repository", url);
        if (url[0] == '/' || text_starts_with(url, "file:///"))
                return allow_file ||
                       error_set(
                               err, ERROR_FORBIDDEN,
                               "'%.200s' is on the controller's own disk: git.allow_file forbids it", url);
        return (is_scp_like(url) && !strchr(url, '"')) ||
               error_set(
                       err, ERROR_INVALID,
                       "'%.200s' is not the address of a repository (https, ssh, git or user@host:path)",
                       url);
}
