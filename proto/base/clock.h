/* Time: wall clock in microseconds UTC for what is stored, monotonic milliseconds for deadlines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A point on the monotonic clock in milliseconds; compare with clock_monotonic_ms(). */
typedef int64_t Deadline;
#define DEADLINE_NEVER INT64_MAX

int64_t clock_now_us(void);
int64_t clock_monotonic_ms(void);

Deadline deadline_after_ms(int64_t timeout_ms);
/* Milliseconds left, 0 when passed, INT32_MAX at most (fits poll()). */
int deadline_left_ms(Deadline deadline);
bool deadline_passed(Deadline deadline);
Deadline deadline_earlier(Deadline a, Deadline b);

/* Sleeps; for threads that own their time (job workers, the agent's back-off), never in a callback. */
void clock_sleep_ms(int64_t duration_ms);

/* "Sun, 22 Nov 2026 23:24:38 GMT", as the REST contract writes dates. Caller frees. */
char *clock_format_http(int64_t time_us);
bool clock_parse_http(const char *string, int64_t *ret_us);
/* "2026-11-22T23:24:38Z" and, for AWS, also fractions and offsets when parsing. */
char *clock_format_iso(int64_t time_us);
bool clock_parse_iso(const char *string, int64_t *ret_us);
/* strftime in UTC. Caller frees. */
char *clock_format(int64_t time_us, const char *format);
