/* The mail about a job: subject, text, HTML. Pure functions; callers free. */
#pragma once

#include "notify/job_news.h"

/* "[GHOST] App shop (prod) - deploy: done (Deployment OK)" */
char *mail_subject(const JobNews *news);
/* remark: about the attachment; NULL: none. */
char *mail_text(const JobNews *news, const char *remark);
/* Every value escaped. */
char *mail_html(const JobNews *news, const char *remark);
