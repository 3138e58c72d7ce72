#include "harness/ghost_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/change_stream.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/stream_reader.h"

enum { PATIENCE_MS = 10000 };

static Changes *start(size_t kept) {
        Changes *changes = NULL;

        assert_ok((changes = changes_new(&(ChangesSpec){ .kept = kept, .together_ms = 1 }, err)) != NULL);
        return changes;
}

/* Returns when it is told. */
static uint64_t add(Changes *changes, Collection collection, const char *id, bool deleted) {
        Change change = { .collection = collection, .deleted = deleted };
        uint64_t before = changes_newest(changes);
        Deadline give_up = deadline_after_ms(PATIENCE_MS);

        (void) snprintf(change.id, sizeof(change.id), "%s", id);
        if (collection == COLLECTION_JOBS)
                memcpy(change.app_id, "a1", 3);
        if (!deleted)
                memcpy(change.etag, "e1", 3);
        changes_add(changes, &change);
        while (changes_newest(changes) == before) {
                assert_false(deadline_passed(give_up));
                clock_sleep_ms(1);
        }
        return changes_newest(changes);
}

static void open_stream(Changes *changes, const char *last, bool accounts, Response *response) {
        response_init(response);
        change_stream_answer(
                response, &(ChangeStreamSpec){ .changes = changes,
                                               .last_event_id = last,
                                               .accounts = accounts,
                                               .until = DEADLINE_NEVER });
}

/* Takes the expected text. */
static void assert_says(Response *response, char *expected, StreamRead last) {
        CLEANUP(free) char *owned = expected;

        assert_streams(response, owned, last);
}

#define HELLO "event: hello\ndata: {\"sequence\":%llu}\n\n"

static char *hello(uint64_t at) {
        return xasprintf("retry: 1000\nid: %llu\n" HELLO, (unsigned long long) at, (unsigned long long) at);
}

static char *job_event(uint64_t at, const char *id) {
        return xasprintf(
                "id: %llu\nevent: change\ndata: "
                "{\"collection\":\"jobs\",\"id\":\"%s\",\"app_id\":\"a1\",\"etag\":\"e1\",\"deleted\":false}"
                "\n\n",
                (unsigned long long) at, id);
}

static void changes_come_as_they_are_told(void **state) {
        CLEANUP(changes_free) Changes *changes = start(0);
        Response response;

        (void) state;
        uint64_t begin = add(changes, COLLECTION_JOBS, "before", false);
        open_stream(changes, NULL, false, &response);
        assert_string_equal(response.topic, "changes");
        assert_says(&response, hello(begin), STREAM_WAIT);
        uint64_t at = add(changes, COLLECTION_JOBS, "j1", false);
        assert_int_equal(at, begin + 1);
        assert_says(&response, job_event(at, "j1"), STREAM_WAIT);
        at = add(changes, COLLECTION_APPS, "a1", true);
        assert_says(
                &response,
                xasprintf(
                        "id: %llu\nevent: change\ndata: "
                        "{\"collection\":\"apps\",\"id\":\"a1\",\"app_id\":null,\"etag\":null,\"deleted\":"
                        "true}\n\n",
                        (unsigned long long) at),
                STREAM_WAIT);
        response_clear(&response);
}

static void who_comes_back_gets_what_was_missed(void **state) {
        CLEANUP(changes_free) Changes *changes = start(0);
        Response response;

        (void) state;
        uint64_t seen = add(changes, COLLECTION_JOBS, "j1", false);
        uint64_t missed = add(changes, COLLECTION_JOBS, "j2", false);
        CLEANUP(free) char *last = xasprintf("%llu", (unsigned long long) seen);
        CLEANUP(free) char *first = hello(seen);
        CLEANUP(free) char *second = job_event(missed, "j2");
        open_stream(changes, last, false, &response);
        assert_says(&response, xasprintf("%s%s", first, second), STREAM_WAIT);
        response_clear(&response);
}

static void assert_reset(Changes *changes, const char *last) {
        unsigned long long now = changes_newest(changes);
        Response response;

        open_stream(changes, last, false, &response);
        assert_says(
                &response,
                xasprintf(
                        "retry: 1000\n" HELLO "id: %llu\nevent: reset\ndata: {\"sequence\":%llu}\n\n", now,
                        now, now),
                STREAM_WAIT);
        response_clear(&response);
}

static void what_cannot_be_caught_up_with_is_a_reset(void **state) {
        CLEANUP(changes_free) Changes *changes = start(4);
        uint64_t begin = changes_newest(changes);
        Response slow;

        (void) state;
        open_stream(changes, NULL, false, &slow);
        assert_says(&slow, hello(begin), STREAM_WAIT);
        for (int i = 0; i < 6; i++)
                (void) add(changes, COLLECTION_JOBS, i % 2 ? "j1" : "j2", false);
        CLEANUP(free) char *old = xasprintf("%llu", (unsigned long long) begin + 1);
        CLEANUP(free) char *former = xasprintf("%llu", (unsigned long long) begin - 1);
        CLEANUP(free) char *future = xasprintf("%llu", (unsigned long long) begin + 1000);
        assert_reset(changes, old);
        assert_reset(changes, former);
        assert_reset(changes, future);
        assert_reset(changes, "nonsense");
        unsigned long long now = changes_newest(changes);
        assert_says(
                &slow, xasprintf("id: %llu\nevent: reset\ndata: {\"sequence\":%llu}\n\n", now, now),
                STREAM_WAIT);
        uint64_t next = add(changes, COLLECTION_JOBS, "j3", false);
        assert_says(&slow, job_event(next, "j3"), STREAM_WAIT);
        response_clear(&slow);
}

static void accounts_are_for_admins(void **state) {
        CLEANUP(changes_free) Changes *changes = start(0);
        Response viewer, admin;
        StreamRead last;

        (void) state;
        open_stream(changes, NULL, false, &viewer);
        open_stream(changes, NULL, true, &admin);
        free(stream_drain(&viewer, &last));
        free(stream_drain(&admin, &last));
        for (int i = 0; i < 40; i++) {
                CLEANUP(free) char *id = xasprintf("t%d", i);
                (void) add(changes, i % 2 ? COLLECTION_USERS : COLLECTION_TOKENS, id, false);
        }
        uint64_t at = add(changes, COLLECTION_JOBS, "j1", false);
        assert_says(&viewer, job_event(at, "j1"), STREAM_WAIT);
        CLEANUP(free) char *all = stream_drain(&admin, &last);
        assert_non_null(strstr(all, "{\"collection\":\"tokens\",\"id\":\"t0\""));
        assert_non_null(strstr(all, "{\"collection\":\"users\",\"id\":\"t39\""));
        assert_non_null(strstr(all, "\"j1\""));
        response_clear(&viewer);
        response_clear(&admin);
}

static void it_ends_in_time_with_all_that_is_known(void **state) {
        CLEANUP(changes_free) Changes *changes = start(0);
        Response response;

        (void) state;
        uint64_t seen = changes_newest(changes), missed = add(changes, COLLECTION_JOBS, "j1", false);
        CLEANUP(free) char *last = xasprintf("%llu", (unsigned long long) seen);
        CLEANUP(free) char *first = hello(seen);
        CLEANUP(free) char *second = job_event(missed, "j1");
        response_init(&response);
        change_stream_answer(
                &response, &(ChangeStreamSpec){ .changes = changes,
                                                .last_event_id = last,
                                                .until = deadline_after_ms(0) });
        assert_says(&response, xasprintf("%s%s", first, second), STREAM_END);
        response_clear(&response);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(changes_come_as_they_are_told),
                cmocka_unit_test(who_comes_back_gets_what_was_missed),
                cmocka_unit_test(what_cannot_be_caught_up_with_is_a_reset),
                cmocka_unit_test(accounts_are_for_admins),
                cmocka_unit_test(it_ends_in_time_with_all_that_is_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
