/* Posts JSON to someone else's web hook. */
#pragma once

#include "net/http_client.h"
#include "notify/channel.h"

/* headers: beside the content type; NULL: none. 2xx is success; 4xx but 408 and 429 is INVALID. No message
 * names the URL, which may be a secret. */
bool json_post(
        HttpClient *client, const char *url, const char *const *headers, const char *body,
        const Notice *notice, Error **err);

/* Host and port of a URL, to show whom something is sent to. Caller frees. */
char *json_post_host(const char *url);
