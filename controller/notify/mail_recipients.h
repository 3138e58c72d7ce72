/* Who of an application's log_notifications gets a mail about a job. Pure. */
#pragma once

#include "base/text.h"
#include "model/job.h"
#include "json/document.h"

/* state: job_news_status()'s. An entry counts when its job_states name it, or are exactly ["*"] (or none) and
 * the job has come to its end (done, failed, aborted) or waits for an approval. Each address once. */
void mail_recipients(const Document *log_notifications, const char *state, StringList *ret);
