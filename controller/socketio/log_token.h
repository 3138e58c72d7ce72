/* What opens one job's log to a client that cannot log in where it follows it: good for one job and a day.
 * 128 hex digits: when it ends, random bytes, and a MAC over both and the job's id. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_TOKEN_KEY_BYTES = 32, LOG_TOKEN_HEX = 128, LOG_TOKEN_LIFETIME_S = 24 * 3600 };

/* Caller frees. */
char *log_token_new(const uint8_t key[LOG_TOKEN_KEY_BYTES], const char *job_id, int64_t now_s);
bool log_token_valid(
        const uint8_t key[LOG_TOKEN_KEY_BYTES], const char *token, const char *job_id, int64_t now_s);
