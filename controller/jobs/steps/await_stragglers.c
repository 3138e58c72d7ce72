#include "jobs/steps/await_stragglers.h"

#include "base/text.h"

enum { LOOK_MS = 200 };

static bool find_out(JobContext *job, Text *ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        document_set_string(where, "app_id", job->app_id);
        if (!collection_find(job->services->store, COLLECTION_INSTANCES, where, &found, err))
                return false;
        for (size_t i = 0; i < document_count(found); i++) {
                const Document *instance = document_at(found, i);
                const Document *out = document_get(instance, "straggler_out");

                if (out && !document_is_null(out))
                        text_appendf(
                                ret, "%s%s", ret->length > 0 ? ", " : "",
                                document_get_string(instance, "instance_id"));
        }
        return true;
}

bool await_stragglers(JobContext *job, Error **err) {
        bool told = false;

        for (;;) {
                CLEANUP(text_clear) Text out = { 0 };

                if (!find_out(job, &out, err))
                        return false;
                if (out.length == 0)
                        return true;
                if (!told)
                        job_log(job,
                                "Waiting for %s: it is out of its load balancer, being brought to what is "
                                "wanted",
                                out.data);
                told = true;
                if (!job_check(job, err))
                        return false;
                clock_sleep_ms(LOOK_MS);
        }
}
