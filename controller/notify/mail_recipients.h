/* Who of an application's log_notifications gets a mail about a job. Pure. */
#pragma once

#include "base/text.h"
#include "model/job.h"
#include "json/document.h"

/* An entry counts when its job_states name the status, or are exactly ["*"] (or none) and the job has come to
 * its end: done, failed, aborted. Each address once. */
void mail_recipients(const Document *log_notifications, JobStatus status, StringList *ret);
