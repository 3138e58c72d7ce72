/* News of a job as the store gives it, for tests of what is made of it. */
#pragma once

#include "harness/json_text.h"
#include "notify/job_news.h"

#define JOB_EVENT_ID "0123456789abcdef01234567"

/* With ' for ". */
static inline Document *job_event(const char *status, const char *user, const char *message) {
        Document *event = json_of(
                "{'at_us': 1795462200000000, 'job': {'_id': '" JOB_EVENT_ID
                "', 'app_id': 'aaaaaaaaaaaaaaaaaaaaaaaa', 'command': 'deploy', 'created_us': "
                "1795462100000000, 'modules': [{'name': 'site', 'rev': 'main'}]}, "
                "'app': {'_id': 'aaaaaaaaaaaaaaaaaaaaaaaa', 'name': 'shop', 'env': 'prod', 'role': 'web', "
                "'color': ''}}");
        Document *job = document_copy(document_get(event, "job"));

        document_set_string(job, "status", status);
        document_set_string(job, "user", user);
        document_set_string(job, "message", message);
        document_set(event, "job", job);
        return event;
}
