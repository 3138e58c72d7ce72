/* Headers that leave in doubt where a request ends: what a proxy in front takes for one request must not be
 * two for us. */
#pragma once

#include "base/error.h"
#include "http/pairs.h"

/* version: "HTTP/1.1". INVALID says what is wrong; the connection must not be used any more. */
bool framing_check(const Pairs *headers, const char *version, Error **err);
