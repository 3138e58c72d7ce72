/* A job log as a file to download: whole, a range of bytes, or from an offset on. */
#pragma once

#include "http/request.h"
#include "http/response.h"

/* finished: nothing will be added, so that it may be kept by caches. 404 when there is no file. */
void log_file_answer(
        const Request *request, Response *response, const char *path, const char *job_id, bool finished);

/* The same of a file that is open, which is taken over; -1: there is none. */
void log_file_answer_open(
        const Request *request, Response *response, int file, const char *name, bool finished);

/* offset= of the query or Last-Event-ID, whichever is given; the header wins because it is the newer. */
bool log_file_offset(const Request *request, uint64_t *ret, Error **err);
