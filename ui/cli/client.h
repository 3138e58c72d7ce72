/* The controller's REST API as the command line uses it. One thread. */
#pragma once

#include "net/http_client.h"
#include "profile.h"
#include "json/document.h"

typedef struct Client Client;

Client *client_new(const Profile *profile);
void client_free(Client *client);
CLEANUP_DEFINE(Client, client_free);

const char *client_endpoint(const Client *client); /* without a slash at its end */

/* Fails on any status outside 2xx, with the server's own message and the field problems it names.
 * ret may be NULL. etag (may be NULL) becomes If-Match. */
bool client_call(
        Client *client, const char *method, const char *path, const Document *body, const char *etag,
        Document **ret, Error **err);

static inline bool client_get(Client *client, const char *path, Document **ret, Error **err) {
        return client_call(client, "GET", path, NULL, NULL, ret, err);
}

/* Long answer, piece by piece; extra_header may be NULL. on_body as in net/http_client.h. */
bool client_stream(
        Client *client, const char *path, const char *extra_header,
        bool (*on_body)(void *context, const char *bytes, size_t length), void *context, Error **err);

/* folder, then word as one segment: nothing in it can lead elsewhere. Caller frees. */
char *client_path(const char *folder, const char *word);

/* For a caller who cannot wait, such as a completion. */
void client_set_timeout(Client *client, int64_t timeout_ms);
/* Says every request and its answer on standard error. */
void client_set_verbose(Client *client, bool verbose);

/* An application by id or as NAME/ENV/ROLE[/COLOR] to its id. Caller frees. */
char *client_find_app(Client *client, const char *word, Error **err);
