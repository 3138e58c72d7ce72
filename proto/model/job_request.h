/* A job as a client asks for it. */
#pragma once

#include "json/schema.h"

extern const Schema job_request_schema;

/* Rules between fields and against the application. INVALID with the contract's sentence. */
bool job_request_check(const Document *job, const Document *app, Error **err);
