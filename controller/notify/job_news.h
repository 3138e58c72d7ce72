/* What there is to tell of a job, taken from an event of the outbox: the words that all channels use. */
#pragma once

#include "model/job.h"
#include "json/document.h"

typedef struct JobNews {
        const char *job_id, *command, *user, *message; /* borrowed from the event; never NULL */
        const char *app, *env, *role, *color;
        JobStatus status;
        bool waiting; /* for an approval, of which message says what it is */
        int64_t created_us, at_us;
        char *url; /* where people see the job */
} JobNews;

/* base_url without a slash at its end. */
JobNews job_news_read(const Document *event, const char *base_url);
void job_news_clear(JobNews *news);
static inline void job_news_clearp(JobNews *news) {
        job_news_clear(news);
}

const char *job_news_status(const JobNews *news); /* "done"; "waiting" */
const char *job_news_color(const JobNews *news);  /* "#4CAF50" */
/* "2026-11-23 19:20:00 UTC". Caller frees. */
char *job_news_date(int64_t time_us);
