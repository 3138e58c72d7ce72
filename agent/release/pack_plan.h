/* Which frames of a pack have to be fetched when some of its files are on the instance already. Pure
 * reckoning over a checked manifest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ghost.pb-c.h"

typedef struct PackPlan {
        bool *kept;   /* by entry: its content is had without the pack */
        bool *needed; /* by frame */
        size_t entry_count, frame_count;
        uint64_t fetch_bytes; /* of the pack */
        uint64_t kept_bytes;  /* of content */
} PackPlan;
void pack_plan_clear(PackPlan *plan);
static inline void pack_plan_clearp(PackPlan *plan) {
        pack_plan_clear(plan);
}

/* Nothing is kept, everything is needed. */
void pack_plan_init(PackPlan *plan, const Ghost__Manifest *manifest);
/* From kept, as the caller has set it, what is needed. A kept file whose frames all come anyway, for others
 * in them, is not kept any more. */
void pack_plan_reckon(PackPlan *plan, const Ghost__Manifest *manifest);

/* One stretch of the pack: frames that are needed and follow each other. */
typedef struct PackStretch {
        size_t first, end; /* frames */
        uint64_t from, to; /* bytes */
} PackStretch;
/* The first stretch from that frame on; false: there is none. */
bool pack_plan_next(const PackPlan *plan, const Ghost__Manifest *manifest, size_t frame, PackStretch *ret);
