#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

enum { US_PER_SECOND = 1000000 };

static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

int64_t clock_now_us(void) {
        struct timespec now;

        if (clock_gettime(CLOCK_REALTIME, &now) < 0)
                abort();
        return (int64_t) now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void) {
        struct timespec now;

        if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
                abort();
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Deadline deadline_after_ms(int64_t timeout_ms) {
        int64_t now = clock_monotonic_ms();

        if (timeout_ms <= 0)
                return now;
        return timeout_ms > DEADLINE_NEVER - now ? DEADLINE_NEVER : now + timeout_ms;
}

int deadline_left_ms(Deadline deadline) {
        if (deadline == DEADLINE_NEVER)
                return INT32_MAX;

        int64_t left = deadline - clock_monotonic_ms();
        if (left <= 0)
                return 0;
        return left > INT32_MAX ? INT32_MAX : (int) left;
}

bool deadline_passed(Deadline deadline) {
        return deadline_left_ms(deadline) == 0;
}

Deadline deadline_earlier(Deadline a, Deadline b) {
        return a < b ? a : b;
}

void clock_sleep_ms(int64_t duration_ms) {
        Deadline end = deadline_after_ms(duration_ms);
        struct timespec until = { .tv_sec = end / 1000, .tv_nsec = (end % 1000) * 1000000 };

        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
                continue;
}

static struct tm split(int64_t time_us) {
        /* Rounds down for times before 1970, too. */
        time_t seconds = (time_t) ((time_us - (time_us < 0 ? US_PER_SECOND - 1 : 0)) / US_PER_SECOND);
        struct tm parts;

        if (!gmtime_r(&seconds, &parts))
                abort(); /* only when the year does not fit an int: int64_t microseconds do */
        return parts;
}

char *clock_format_http(int64_t time_us) {
        struct tm parts = split(time_us);

        return xasprintf(
                "%s, %02d %s %04d %02d:%02d:%02d GMT", weekdays[parts.tm_wday], parts.tm_mday,
                months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

char *clock_format_iso(int64_t time_us) {
        struct tm parts = split(time_us);

        return xasprintf(
                "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
}

char *clock_format(int64_t time_us, const char *format) {
        struct tm parts = split(time_us);
        char buffer[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        size_t length = strftime(buffer, sizeof(buffer), format, &parts);
#pragma GCC diagnostic pop
        return xstrndup(buffer, length);
}

/* Exactly count digits. Moves *at behind them. */
static bool read_digits(const char **at, int count, int *ret) {
        int value = 0;

        for (int i = 0; i < count; i++, (*at)++) {
                if (**at < '0' || **at > '9')
                        return false;
                value = value * 10 + (**at - '0');
        }
        *ret = value;
        return true;
}

static bool read_literal(const char **at, const char *literal) {
        size_t length = strlen(literal);

        if (strncmp(*at, literal, length) != 0)
                return false;
        *at += length;
        return true;
}

static bool read_word(const char **at, const char *const *words, int count, int *ret) {
        for (int i = 0; i < count; i++)
                if (read_literal(at, words[i])) {
                        *ret = i;
                        return true;
                }
        return false;
}

static bool read_time_of_day(const char **at, struct tm *parts) {
        return read_digits(at, 2, &parts->tm_hour) && read_literal(at, ":") &&
               read_digits(at, 2, &parts->tm_min) && read_literal(at, ":") &&
               read_digits(at, 2, &parts->tm_sec);
}

/* Refuses what timegm() would silently carry over: 31 February, 25:00. */
static bool join(const struct tm *parts, int64_t *ret_seconds) {
        struct tm copy = *parts;
        time_t seconds = timegm(&copy);

        if (copy.tm_year != parts->tm_year || copy.tm_mon != parts->tm_mon ||
            copy.tm_mday != parts->tm_mday || copy.tm_hour != parts->tm_hour ||
            copy.tm_min != parts->tm_min || copy.tm_sec != parts->tm_sec)
                return false;
        *ret_seconds = seconds;
        return true;
}

bool clock_parse_http(const char *string, int64_t *ret_us) {
        struct tm parts = { 0 };
        int weekday, year;
        int64_t seconds;

        if (!read_word(&string, weekdays, 7, &weekday) || !read_literal(&string, ", ") ||
            !read_digits(&string, 2, &parts.tm_mday) || !read_literal(&string, " ") ||
            !read_word(&string, months, 12, &parts.tm_mon) || !read_literal(&string, " ") ||
            !read_digits(&string, 4, &year) || !read_literal(&string, " ") ||
            !read_time_of_day(&string, &parts) || !read_literal(&string, " GMT") || *string)
                return false;
        parts.tm_year = year - 1900;
        if (!join(&parts, &seconds))
                return false;
        *ret_us = seconds * US_PER_SECOND;
        return true;
}

/* ".123456789", read to the microsecond; no fraction is 0. */
static bool read_fraction(const char **at, int64_t *ret_us) {
        int64_t us = 0, unit = US_PER_SECOND / 10;

        if (read_literal(at, ".")) {
                if (**at < '0' || **at > '9')
                        return false;
                for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
                        us += unit * (**at - '0');
        }
        *ret_us = us;
        return true;
}

/* "Z", "+02:00", "-0330". */
static bool read_offset(const char **at, int64_t *ret_seconds) {
        int hours, minutes, sign = **at == '-' ? -1 : 1;

        if (read_literal(at, "Z")) {
                *ret_seconds = 0;
                return true;
        }
        if (!read_literal(at, "+") && !read_literal(at, "-"))
                return false;
        if (!read_digits(at, 2, &hours))
                return false;
        (void) read_literal(at, ":");
        if (!read_digits(at, 2, &minutes) || hours > 23 || minutes > 59)
                return false;
        *ret_seconds = sign * (hours * 3600 + minutes * 60);
        return true;
}

bool clock_parse_iso(const char *string, int64_t *ret_us) {
        struct tm parts = { 0 };
        int year, month;
        int64_t seconds, us, offset;

        if (!read_digits(&string, 4, &year) || !read_literal(&string, "-") ||
            !read_digits(&string, 2, &month) || !read_literal(&string, "-") ||
            !read_digits(&string, 2, &parts.tm_mday) || !read_literal(&string, "T") ||
            !read_time_of_day(&string, &parts) || !read_fraction(&string, &us) ||
            !read_offset(&string, &offset) || *string)
                return false;
        parts.tm_year = year - 1900;
        parts.tm_mon = month - 1;
        if (!join(&parts, &seconds))
                return false;
        *ret_us = (seconds - offset) * US_PER_SECOND + us;
        return true;
}
