/* All changes of documents as server-sent events, see store/changes.h: first "hello" with the number it
 * begins behind; then a "change" each, whose id is its number; "reset" when some were lost, on return or
 * because the client reads too slowly: it then has to look at everything anew. */
#pragma once

#include "http/response.h"
#include "store/changes.h"

#define CHANGE_STREAM_TOPIC "changes"

enum {
        CHANGE_STREAM_QUIET_MS = 14000
}; /* then a comment is sent, so that proxies and dead clients are noticed */

typedef struct ChangeStreamSpec {
        Changes *changes;
        const char *last_event_id; /* what the client saw last; NULL: it is new */
        bool accounts;             /* users and tokens are told as well */
        Deadline until;            /* ends then: whoever comes back is looked at again */
} ChangeStreamSpec;

void change_stream_answer(Response *response, const ChangeStreamSpec *spec);
