#include "harness/ghost_test.h"

#include "base/memory.h"
#include "release/pack_plan.h"

enum { FILES = 6 };

/* Frames of 100 bytes of content, 10 packed, over files of those sizes. */
typedef struct Fixture {
        Ghost__Manifest manifest;
        Ghost__Entry entries[FILES], *entry_list[FILES];
        Ghost__Frame frames[4], *frame_list[4];
        PackPlan plan;
} Fixture;

static void begin(Fixture *fixture) {
        static const uint64_t sizes[FILES] = { 50, 0, 150, 100, 60, 40 };

        ghost__manifest__init(&fixture->manifest);
        for (size_t i = 0; i < FILES; i++) {
                ghost__entry__init(&fixture->entries[i]);
                fixture->entries[i].size = sizes[i];
                fixture->entry_list[i] = &fixture->entries[i];
        }
        for (size_t i = 0; i < 4; i++) {
                ghost__frame__init(&fixture->frames[i]);
                fixture->frames[i].offset = i * 10;
                fixture->frames[i].length = 10;
                fixture->frames[i].content_length = 100;
                fixture->frame_list[i] = &fixture->frames[i];
        }
        fixture->manifest.entries = fixture->entry_list;
        fixture->manifest.n_entries = FILES;
        fixture->manifest.frames = fixture->frame_list;
        fixture->manifest.n_frames = 4;
        pack_plan_init(&fixture->plan, &fixture->manifest);
}

static void fixture_clearp(Fixture *fixture) {
        pack_plan_clear(&fixture->plan);
}

static void keep(Fixture *fixture, const char *which) {
        for (; *which; which++)
                fixture->plan.kept[*which - '0'] = true;
        pack_plan_reckon(&fixture->plan, &fixture->manifest);
}

static void with_nothing_kept_everything_is_needed(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        PackStretch stretch = { 0 };

        (void) state;
        begin(&fixture);
        assert_int_equal(fixture.plan.fetch_bytes, 40);
        assert_int_equal(fixture.plan.kept_bytes, 0);
        assert_true(pack_plan_next(&fixture.plan, &fixture.manifest, 0, &stretch));
        assert_int_equal(stretch.from, 0);
        assert_int_equal(stretch.to, 40);
        assert_int_equal(stretch.end, 4);
        assert_false(pack_plan_next(&fixture.plan, &fixture.manifest, stretch.end, &stretch));
}

static void with_everything_kept_nothing_is_needed(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        PackStretch stretch = { 0 };

        (void) state;
        begin(&fixture);
        keep(&fixture, "02345");
        assert_int_equal(fixture.plan.fetch_bytes, 0);
        assert_int_equal(fixture.plan.kept_bytes, 400);
        assert_false(pack_plan_next(&fixture.plan, &fixture.manifest, 0, &stretch));
}

static void frames_of_a_missing_file_come_alone(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        PackStretch stretch = { 0 };

        (void) state;
        begin(&fixture);
        keep(&fixture, "0245"); /* not 3: the third frame */
        assert_int_equal(fixture.plan.fetch_bytes, 10);
        assert_int_equal(fixture.plan.kept_bytes, 300);
        assert_true(pack_plan_next(&fixture.plan, &fixture.manifest, 0, &stretch));
        assert_int_equal(stretch.from, 20);
        assert_int_equal(stretch.to, 30);
        assert_false(pack_plan_next(&fixture.plan, &fixture.manifest, stretch.end, &stretch));
}

static void a_file_over_a_border_is_kept_unless_all_its_frames_come(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        begin(&fixture);
        keep(&fixture, "2345"); /* not 0: the first frame, which holds a part of 2 */
        assert_int_equal(fixture.plan.fetch_bytes, 10);
        assert_true(fixture.plan.kept[2]);
        assert_int_equal(fixture.plan.kept_bytes, 350);
}

static void a_file_whose_frames_come_anyway_is_not_kept(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        begin(&fixture);
        keep(&fixture, "0234"); /* not 5: the last frame, which holds all of 4 */
        assert_false(fixture.plan.kept[4]);
        assert_int_equal(fixture.plan.fetch_bytes, 10);
        assert_int_equal(fixture.plan.kept_bytes, 300);
}

static void sizes_that_do_not_add_up_stay_within_the_frames(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        PackStretch stretch = { 0 };

        (void) state;
        begin(&fixture);
        fixture.entries[4].size = UINT64_MAX - 100;
        keep(&fixture, "0");
        assert_true(fixture.plan.fetch_bytes <= 40);
        for (size_t frame = 0; pack_plan_next(&fixture.plan, &fixture.manifest, frame, &stretch);
             frame = stretch.end)
                assert_true(stretch.end <= 4 && stretch.to <= 40 && stretch.end > frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(with_nothing_kept_everything_is_needed),
                cmocka_unit_test(with_everything_kept_nothing_is_needed),
                cmocka_unit_test(frames_of_a_missing_file_come_alone),
                cmocka_unit_test(a_file_over_a_border_is_kept_unless_all_its_frames_come),
                cmocka_unit_test(a_file_whose_frames_come_anyway_is_not_kept),
                cmocka_unit_test(sizes_that_do_not_add_up_stay_within_the_frames),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
