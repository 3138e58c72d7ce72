/* What of a pack is fetched when some files are there already: eight bytes that say which (again and again,
 * a bit each), then the manifest. Wrong reckoning aborts as a crash would. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "package/manifest.h"
#include "release/pack_plan.h"

enum { KEPT_BYTES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition) {
        if (!condition)
                abort();
}

/* Every frame that is needed is in one stretch, in order. */
static void walk_stretches(const PackPlan *plan, const Ghost__Manifest *manifest) {
        PackStretch stretch = { 0 };
        uint64_t bytes = 0;
        size_t at = 0;

        while (pack_plan_next(plan, manifest, at, &stretch)) {
                must(stretch.first >= at && stretch.end > stretch.first && stretch.end <= plan->frame_count);
                for (size_t i = at; i < stretch.end; i++)
                        must(plan->needed[i] == (i >= stretch.first));
                bytes += stretch.to - stretch.from;
                at = stretch.end;
        }
        for (size_t i = at; i < plan->frame_count; i++)
                must(!plan->needed[i]);
        must(bytes == plan->fetch_bytes);
}

/* Frames that hold a part of [from, to) and are needed, or are not. */
static size_t count_frames(
        const PackPlan *plan, const Ghost__Manifest *manifest, uint64_t from, uint64_t to, bool needed) {
        uint64_t begin = 0;
        size_t count = 0;

        for (size_t i = 0; i < plan->frame_count; i++) {
                uint64_t end = begin + manifest->frames[i]->content_length;

                count += begin < to && end > from && plan->needed[i] == needed;
                begin = end;
        }
        return count;
}

/* What is not kept comes whole; what is kept would not. */
static void look_at_files(const PackPlan *plan, const Ghost__Manifest *manifest) {
        uint64_t at = 0, kept = 0;

        for (size_t i = 0; i < plan->entry_count; i++) {
                const Ghost__Entry *entry = manifest->entries[i];
                uint64_t end = at + (entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE ? entry->size : 0);

                must(!plan->kept[i] || end > at);
                must(end == at || plan->kept[i] == (count_frames(plan, manifest, at, end, false) > 0));
                kept += plan->kept[i] ? end - at : 0;
                at = end;
        }
        must(kept == plan->kept_bytes);
}

static void reckon(const Ghost__Manifest *manifest, const uint8_t *bits, bool checked) {
        CLEANUP(pack_plan_clear) PackPlan plan = { 0 };

        pack_plan_init(&plan, manifest);
        walk_stretches(&plan, manifest);
        for (size_t i = 0; i < plan.entry_count; i++)
                plan.kept[i] = bits[i / 8 % KEPT_BYTES] >> i % 8 & 1;
        pack_plan_reckon(&plan, manifest);
        walk_stretches(&plan, manifest);
        if (checked)
                look_at_files(&plan, manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;

        if (size < KEPT_BYTES)
                return 0;
        Ghost__Manifest *manifest = ghost__manifest__unpack(NULL, size - KEPT_BYTES, data + KEPT_BYTES);
        if (!manifest)
                return 0;
        reckon(manifest, data, manifest_check(manifest, &problem));
        ghost__manifest__free_unpacked(manifest, NULL);
        return 0;
}
