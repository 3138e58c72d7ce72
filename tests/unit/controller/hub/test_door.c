#include "harness/ghost_test.h"

#include "hub/door.h"

enum { INSIDE = 64, CROWD = 100 };

static void they_come_in_as_they_came_and_so_many_at_once(void **state) {
        CLEANUP(door_free) Door *door = door_new(CROWD);
        Session sessions[CROWD] = { 0 };

        (void) state;
        for (int i = 0; i < CROWD; i++)
                assert_true(door_knock(door, &sessions[i], "10.0.0.1:1"));
        for (int i = 0; i < INSIDE; i++)
                assert_ptr_equal(door_next(door), &sessions[i]);
        assert_null(door_next(door));

        door_leave(door, &sessions[7]);
        door_leave(door, &sessions[7]); /* it makes room once */
        assert_ptr_equal(door_next(door), &sessions[INSIDE]);
        assert_null(door_next(door));

        door_leave(door, &sessions[CROWD - 1]); /* it waits and has no room to give */
        assert_null(door_next(door));
}

static void strangers_of_one_address_are_counted(void **state) {
        CLEANUP(door_free) Door *door = door_new(2);
        Session a = { 0 }, b = { 0 }, c = { 0 }, other = { 0 };

        (void) state;
        assert_true(door_knock(door, &a, "10.0.0.1:1"));
        assert_true(door_knock(door, &b, "10.0.0.1:2"));
        assert_false(door_knock(door, &c, "10.0.0.1:3"));
        assert_true(door_knock(door, &other, "[::1]:3"));
        door_leave(door, &c); /* was not at it */
        assert_false(door_knock(door, &c, "10.0.0.1:3"));

        assert_ptr_equal(door_next(door), &a);
        assert_false(door_knock(door, &c, "10.0.0.1:3"));
        door_leave(door, &a);
        assert_true(door_knock(door, &c, "10.0.0.1:3"));
        assert_ptr_equal(door_next(door), &other);
        assert_ptr_equal(door_next(door), &b);
        assert_ptr_equal(door_next(door), &c);
        door_leave(door, &b);
        door_leave(door, &other);
        door_leave(door, &c);
        assert_true(door_knock(door, &a, "10.0.0.1:1"));
}

static void who_waited_too_long_is_given_up(void **state) {
        CLEANUP(door_free) Door *door = door_new(2);
        Session old = { .since_ms = 10 }, young = { .since_ms = 20 }, third = { .since_ms = 30 };

        (void) state;
        assert_null(door_give_up(door, 1000));
        assert_true(door_knock(door, &old, "10.0.0.1:1"));
        assert_true(door_knock(door, &young, "10.0.0.1:2"));
        assert_null(door_give_up(door, 10));
        assert_ptr_equal(door_give_up(door, 20), &old);
        assert_null(door_give_up(door, 20));
        assert_true(door_knock(door, &third, "10.0.0.1:3"));
        assert_ptr_equal(door_next(door), &young);
        assert_ptr_equal(door_next(door), &third);
        assert_null(door_next(door));
        assert_null(door_give_up(door, 1000)); /* inside */
}

/* An address that sends many keeps out nobody else. */
static void addresses_have_their_turns(void **state) {
        CLEANUP(door_free) Door *door = door_new(CROWD);
        Session many[4] = { 0 }, one = { 0 };

        (void) state;
        for (int i = 0; i < 4; i++)
                assert_true(door_knock(door, &many[i], "10.0.0.1:1"));
        assert_true(door_knock(door, &one, "10.0.0.2:1"));
        assert_ptr_equal(door_next(door), &many[0]);
        assert_ptr_equal(door_next(door), &one);
        for (int i = 1; i < 4; i++)
                assert_ptr_equal(door_next(door), &many[i]);
        assert_null(door_next(door));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(they_come_in_as_they_came_and_so_many_at_once),
                cmocka_unit_test(strangers_of_one_address_are_counted),
                cmocka_unit_test(addresses_have_their_turns),
                cmocka_unit_test(who_waited_too_long_is_given_up),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
