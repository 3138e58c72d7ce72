/* s3://bucket/key, the address of a module's source. */
#pragma once

#include "base/error.h"

/* The key may be "". INVALID unless it is such an address. Caller frees both. */
bool s3_url_parse(const char *url, char **ret_bucket, char **ret_key, Error **err);
