#include "notify/job_news.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

JobNews job_news_read(const Document *event, const char *base_url) {
        const char *question = document_get_string(event, "job.approval.question");
        int status = JOB_PENDING;

        names_value(&job_status_names, document_get_string(event, "job.status"), &status);
        return (JobNews){
                .job_id = document_get_string(event, "job._id"),
                .command = document_get_string(event, "job.command"),
                .user = document_get_string(event, "job.user"),
                .message = *question ? question : document_get_string(event, "job.message"),
                .app = document_get_string(event, "app.name"),
                .env = document_get_string(event, "app.env"),
                .role = document_get_string(event, "app.role"),
                .color = document_get_string(event, "app.color"),
                .status = (JobStatus) status,
                .waiting = *question,
                .created_us = document_get_int(event, "job.created_us"),
                .at_us = document_get_int(event, "at_us"),
                .url = xasprintf("%s/web/jobs/%s", base_url, document_get_string(event, "job._id")),
        };
}

void job_news_clear(JobNews *news) {
        free(news->url);
        *news = (JobNews){ 0 };
}

const char *job_news_status(const JobNews *news) {
        return news->waiting ? JOB_WAITING : names_word(&job_status_names, (int) news->status);
}

const char *job_news_color(const JobNews *news) {
        static const char *const colors[JOB_STATUS_COUNT] = {
                [JOB_PENDING] = "#415560", [JOB_STARTED] = "#03A9F4",   [JOB_DONE] = "#4CAF50",
                [JOB_FAILED] = "#F44336",  [JOB_CANCELLED] = "#333333", [JOB_ABORTED] = "#AAAAAA",
        };

        return news->waiting ? "#FF9800" : colors[news->status];
}

char *job_news_date(int64_t time_us) {
        return clock_format(time_us, "%Y-%m-%d %H:%M:%S UTC");
}
