#include "notify/json_post.h"

#include <string.h>

#include "base/memory.h"
#include "net/url.h"

enum { HEADERS_MAX = 8, ANSWER_MAX_BYTES = 64 << 10, CONNECT_TIMEOUT_MS = 10000 };

/* Nobody reads what a receiver says to a success. */
static bool discard(void *context, const char *bytes, size_t length) {
        (void) context, (void) bytes, (void) length;
        return false;
}

static bool is_cancelled(void *context) {
        const Notice *notice = context;

        return notice->cancelled && notice->cancelled(notice->context);
}

/* The client's message begins with method and URL. */
static bool fail_without_url(const char *url, const Error *why, Error **err) {
        CLEANUP(free) char *head = xasprintf("POST %.*s: ", (int) strcspn(url, "?"), url);
        CLEANUP(free) char *host = json_post_host(url);
        const char *message = error_message(why);

        if (text_starts_with(message, head))
                message += strlen(head);
        else if (strstr(message, url))
                message = "the URL cannot be used";
        return error_set(err, error_kind(why), "%s: %s", host, message);
}

static bool judge(const char *url, int status, Error **err) {
        CLEANUP(free) char *host = json_post_host(url);
        bool hopeless = status >= 400 && status < 500 && status != 408 && status != 429;

        if (status >= 200 && status < 300)
                return true;
        return error_set(err, hopeless ? ERROR_INVALID : ERROR_UNAVAILABLE, "%s: HTTP %d", host, status);
}

bool json_post(
        HttpClient *client, const char *url, const char *const *headers, const char *body,
        const Notice *notice, Error **err) {
        const char *all[HEADERS_MAX + 2] = { "Content-Type: application/json" };
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        HttpRequest request = {
                .method = "POST",
                .url = url,
                .headers = all,
                .body = body,
                .body_length = strlen(body),
                .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                .timeout_ms = notice->timeout_ms,
                .max_body_bytes = ANSWER_MAX_BYTES,
                .on_body = discard,
                .cancelled = is_cancelled,
                .context = (void *) notice,
        };

        for (size_t i = 0; headers && headers[i] && i < HEADERS_MAX; i++)
                all[i + 1] = headers[i];
        if (!http_client_send(client, &request, &response, &why))
                return fail_without_url(url, why, err);
        return judge(url, response.status, err);
}

char *json_post_host(const char *url) {
        CLEANUP(url_clear) Url parts = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        return xstrdup(url_parse(url, &parts, &ignored) ? parts.authority : "?");
}
