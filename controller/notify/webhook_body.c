#include "notify/webhook_body.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"

static void set_date(Document *object, const char *name, int64_t time_us) {
        CLEANUP(free) char *date = clock_format_http(time_us);

        document_set_string(object, name, date);
}

static Document *members(const Document *from, const char *const *names) {
        Document *object = document_object();

        for (; *names; names++) {
                const Document *value = document_get_member(from, *names);

                document_set(object, *names, value ? document_copy(value) : document_null());
        }
        return object;
}

char *webhook_body(const Document *event, const JobNews *news, const char *delivery_id) {
        static const char *const of_job[] = { "_id",    "app_id",  "command", "user",
                                              "status", "message", "modules", NULL };
        static const char *const of_app[] = { "_id", "name", "env", "role", "color", NULL };
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(free) char *word = xasprintf("job.%s", job_news_status(news));
        Document *job = members(document_get(event, "job"), of_job);

        set_date(job, "created", news->created_us);
        document_set_string(job, "url", news->url);
        document_set_string(body, "event", word);
        document_set_string(body, "delivery", delivery_id);
        set_date(body, "at", news->at_us);
        document_set(body, "job", job);
        document_set(body, "app", members(document_get(event, "app"), of_app));
        return document_text(body);
}

char *webhook_signature(const char *secret, const char *body) {
        uint8_t hmac[SHA256_BYTES];

        crypto_hmac_sha256(secret, strlen(secret), body, strlen(body), hmac);
        CLEANUP(free) char *hex = hex_encode(hmac, sizeof(hmac));
        return xasprintf("sha256=%s", hex);
}
