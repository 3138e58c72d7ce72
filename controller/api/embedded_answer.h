/* Answers with files that are built into the program. */
#pragma once

#include "http/request.h"
#include "http/response.h"
#include "ui/embedded_file.h"

/* The file of that name; NULL when there is none. */
const EmbeddedFile *embedded_file_find(const EmbeddedFile *files, const char *name);

typedef struct EmbeddedHeaders {
        const char *cache_control, *security_policy;
} EmbeddedHeaders;

bool embedded_answer(
        const Request *request, Response *response, const EmbeddedFile *file, const EmbeddedHeaders *headers,
        Error **err);
