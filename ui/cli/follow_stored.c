#include "base/memory.h"
#include "follow.h"
#include "output.h"
#include "patience.h"

typedef struct Download {
        LogSinks *sinks;
        uint64_t *offset;
        bool got_any;
} Download;

static bool on_body(void *context, const char *bytes, size_t length) {
        Download *download = context;

        output_progress(NULL);
        log_sinks_write(download->sinks, bytes, length);
        *download->offset += length;
        download->got_any = true;
        return true;
}

bool follow_stored(Client *client, const char *path, uint64_t *offset, LogSinks *sinks, Error **err) {
        Download download = { .sinks = sinks, .offset = offset };
        Patience patience = patience_new();

        for (;;) {
                CLEANUP(error_free) Error *why = NULL;
                CLEANUP(free)
                char *url = xasprintf("%s?offset=%llu", path, (unsigned long long) *offset);

                download.got_any = false;
                if (client_stream(client, url, NULL, on_body, &download, &why))
                        return true;
                if (download.got_any)
                        patience = patience_new();
                if (!patience_wait(&patience, why, err))
                        return false;
        }
}
