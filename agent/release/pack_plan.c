#include "release/pack_plan.h"

#include <stdlib.h>

#include "base/memory.h"

void pack_plan_clear(PackPlan *plan) {
        free(plan->kept);
        free(plan->needed);
        *plan = (PackPlan){ 0 };
}

static uint64_t content_of(const Ghost__Entry *entry) {
        return entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE ? entry->size : 0;
}

void pack_plan_init(PackPlan *plan, const Ghost__Manifest *manifest) {
        *plan = (PackPlan){
                .kept = xcalloc(manifest->n_entries + 1, sizeof(*plan->kept)),
                .needed = xcalloc(manifest->n_frames + 1, sizeof(*plan->needed)),
                .entry_count = manifest->n_entries,
                .frame_count = manifest->n_frames,
        };
        pack_plan_reckon(plan, manifest);
}

/* The frames and files of a manifest lie on one line; this goes along it. */
typedef struct Walk {
        const Ghost__Manifest *manifest;
        size_t frame;
        uint64_t begin; /* of the frame, in the content */
} Walk;

/* To the frame that holds that byte of the content; false behind the end. */
static bool walk_to(Walk *walk, uint64_t at) {
        const Ghost__Manifest *manifest = walk->manifest;

        while (walk->frame < manifest->n_frames &&
               at - walk->begin >= manifest->frames[walk->frame]->content_length)
                walk->begin += manifest->frames[walk->frame++]->content_length;
        return walk->frame < manifest->n_frames;
}

/* True when all frames of [from, to) are needed; with `need` they become so. */
static bool cover(PackPlan *plan, Walk *walk, uint64_t from, uint64_t to, bool need) {
        bool all = walk_to(walk, from);
        uint64_t begin = walk->begin;

        for (size_t i = walk->frame; i < plan->frame_count && begin < to; i++) {
                all = all && plan->needed[i];
                plan->needed[i] = plan->needed[i] || need;
                begin += walk->manifest->frames[i]->content_length;
        }
        return all;
}

static void need_frames(PackPlan *plan, const Ghost__Manifest *manifest) {
        Walk walk = { .manifest = manifest };
        uint64_t at = 0;

        for (size_t i = 0; i < plan->entry_count; i++) {
                uint64_t size = content_of(manifest->entries[i]);
                if (size > 0 && !plan->kept[i])
                        (void) cover(plan, &walk, at, at + size, true);
                at += size;
        }
}

static void drop_what_comes_anyway(PackPlan *plan, const Ghost__Manifest *manifest) {
        Walk walk = { .manifest = manifest };
        uint64_t at = 0;

        for (size_t i = 0; i < plan->entry_count; i++) {
                uint64_t size = content_of(manifest->entries[i]);
                plan->kept[i] = plan->kept[i] && size > 0 && !cover(plan, &walk, at, at + size, false);
                if (plan->kept[i])
                        plan->kept_bytes += size;
                at += size;
        }
}

void pack_plan_reckon(PackPlan *plan, const Ghost__Manifest *manifest) {
        plan->fetch_bytes = plan->kept_bytes = 0;
        for (size_t i = 0; i < plan->frame_count; i++)
                plan->needed[i] = false;
        need_frames(plan, manifest);
        drop_what_comes_anyway(plan, manifest);
        for (size_t i = 0; i < plan->frame_count; i++)
                if (plan->needed[i])
                        plan->fetch_bytes += manifest->frames[i]->length;
}

bool pack_plan_next(const PackPlan *plan, const Ghost__Manifest *manifest, size_t frame, PackStretch *ret) {
        while (frame < plan->frame_count && !plan->needed[frame])
                frame++;
        if (frame >= plan->frame_count)
                return false;
        *ret = (PackStretch){ .first = frame, .end = frame, .from = manifest->frames[frame]->offset };
        ret->to = ret->from;
        while (ret->end < plan->frame_count && plan->needed[ret->end])
                ret->to += manifest->frames[ret->end++]->length;
        return true;
}
