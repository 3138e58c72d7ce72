/* The REST API: all resources, and accounts from the store. */
#pragma once

#include "api/services.h"
#include "http/auth.h"

/* Ends with NULL; for server_start(). */
extern const Resource *const api_resources[];

/* services must outlive what is made of it. */
AuthSource api_auth_source(Services *services);

/* Topic of a job's log, for server_wake_streams(). Caller frees. */
char *api_log_topic(const char *job_id);
