/* A job as a client asks for it, through every rule: what POST /jobs takes, and POST /plans. */
#pragma once

#include "api/services.h"
#include "json/document.h"

typedef struct JobInput {
        Document *job;    /* as it would be stored, without its user */
        Document *app;    /* its application */
        Document *issues; /* instead: what is wrong, field by field */
} JobInput;
void job_input_clear(JobInput *input);
static inline void job_input_clearp(JobInput *input) {
        job_input_clear(input);
}

/* job and app, or issues; false: a refusal that is no field's. */
bool job_input_read(Services *services, const Document *element, JobInput *ret, Error **err);
