/* A job as a client asks for it. */
#pragma once

#include "json/schema.h"

extern const Schema job_request_schema;

/* What a client sends, with the names that commands had once replaced by those they have. */
Document *job_request_tidy_input(const Document *input);

/* Rules between fields and against the application. INVALID with the contract's sentence. */
bool job_request_check(const Document *job, const Document *app, Error **err);
