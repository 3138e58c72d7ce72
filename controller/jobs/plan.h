/* Plan: what a job would do, before it is one. From what the store knows alone, by the functions that jobs
 * choose instances and batches with; AWS is not asked, nothing is written. What lies between what is live and
 * what is asked for is the repository's to say: whoever makes a plan asks for it and hands it in. */
#pragma once

#include "store/store.h"
#include "json/document.h"

typedef struct PlanModule {
        char *url;         /* of its repository … */
        char *revision;    /* … what is asked for; "": the default branch … */
        char *from_commit; /* … and the commit that is live, "": none */
        bool has_commits;  /* they can be compared */
        Document *shown;   /* what the plan says of it */
} PlanModule;

typedef struct JobPlan {
        Document *shown;
        PlanModule *modules;
        size_t module_count;
} JobPlan;
void job_plan_clear(JobPlan *plan);
static inline void job_plan_clearp(JobPlan *plan) {
        job_plan_clear(plan);
}

/* job: as it would be stored, checked against the application. */
bool job_plan_make(Store *store, const Document *job, const Document *app, JobPlan *ret, Error **err);
/* comparison: {"revision","commit","commits","commits_total","files","files_total","message"} */
void job_plan_compare(JobPlan *plan, size_t module, const Document *comparison);
/* Why there is no comparison. */
void job_plan_say(JobPlan *plan, size_t module, const char *message);
/* The whole as JSON. Caller frees. */
char *job_plan_text(const JobPlan *plan);
