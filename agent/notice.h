/* What the instance metadata service says of things to come: a Spot interruption, a rebalance recommendation,
 * scheduled maintenance. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/ghost.pb-c.h"

typedef struct Notice {
        Ghost__NoticeKind kind;
        char *action; /* NULL: none */
        int64_t at_us;
} Notice;
void notice_clear(Notice *notice);
static inline void notice_clearp(Notice *notice) {
        notice_clear(notice);
}

typedef struct NoticeSource {
        const char *path; /* under latest/ */
        /* What stands at path. NONE: it announces nothing. */
        bool (*parse)(const char *text, size_t length, Notice *ret, Error **err);
} NoticeSource;

/* The most urgent first. */
enum { NOTICE_SOURCES = 3 };
extern const NoticeSource notice_sources[NOTICE_SOURCES];
