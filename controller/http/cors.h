/* Cross-origin requests: which web pages of others may call us, as a browser asks it. Cookies never count
 * there (no Access-Control-Allow-Credentials), so that such a page needs a login of its own. */
#pragma once

#include "http/request.h"
#include "http/response.h"

/* allowed: origins ("https://ops.example"), separated by commas or blanks; "*": all; NULL: none. Adds what
 * goes with the request's Origin. */
void cors_answer(const char *allowed, const Request *request, Response *response);
