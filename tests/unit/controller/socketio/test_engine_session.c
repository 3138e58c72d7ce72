#include "harness/ghost_test.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "socketio/engine_session.h"
#include "socketio/log_token.h"

static const uint8_t key[LOG_TOKEN_KEY_BYTES] = { 7 };
static unsigned wakes;

static void count_wake(void *context, const char *topic) {
        (void) context;
        assert_true(text_starts_with(topic, "engine/"));
        wakes++;
}

static EngineSessions *sessions_new(void) {
        const EngineOptions options = { .logs_folder = "/nonexistent", .token_key = key, .wake = count_wake };

        return engine_sessions_new(&options);
}

static EngineSession *greeted(EngineSessions *sessions) {
        EngineSession *session = NULL;

        assert_ok(session = engine_session_open(sessions, false, err));
        CLEANUP(free) char *greeting = engine_session_next(session);
        CLEANUP(free) char *connected = engine_session_next(session);
        assert_int_equal(greeting[0], '0');
        assert_string_equal(connected, "40");
        assert_null(engine_session_next(session));
        return session;
}

static void it_is_found_until_it_is_closed(void **state) {
        CLEANUP(engine_sessions_free) EngineSessions *sessions = sessions_new();
        EngineSession *session = greeted(sessions), *found = NULL;
        CLEANUP(free) char *id = xstrdup(engine_session_id(session));

        (void) state;
        assert_int_equal(strlen(id), 32);
        assert_ok(found = engine_session_find(sessions, id, err));
        assert_ptr_equal(found, session);
        engine_session_release(found);
        engine_session_close(session);
        assert_true(engine_session_closed(session));
        engine_session_release(session);
        assert_fails(ERROR_NOT_FOUND, "Session ID unknown", engine_session_find(sessions, id, err) != NULL);
}

static void answers_are_bounded(void **state) {
        CLEANUP(engine_sessions_free) EngineSessions *sessions = sessions_new();
        EngineSession *session = greeted(sessions);
        size_t count = 0;

        (void) state;
        for (int i = 0; i < 1000; i++)
                assert_ok(engine_session_take(session, "2", err));
        for (;; count++) {
                CLEANUP(free) char *packet = engine_session_next(session);

                if (!packet)
                        break;
                assert_string_equal(packet, "3");
        }
        assert_in_range(count, 1, 100);
        assert_ok(engine_session_take(session, "2again", err)); /* read on, they are answered again */
        CLEANUP(free) char *packet = engine_session_next(session);
        assert_string_equal(packet, "3again");
        engine_session_release(session);
}

static void sessions_are_bounded(void **state) {
        CLEANUP(engine_sessions_free) EngineSessions *sessions = sessions_new();
        EngineSession *first = NULL;

        (void) state;
        for (int i = 0; i < ENGINE_SESSIONS_MAX; i++) {
                EngineSession *session = NULL;

                assert_ok(session = engine_session_open(sessions, true, err));
                if (!first)
                        first = session;
                engine_session_release(session);
        }
        assert_fails(
                ERROR_UNAVAILABLE, "too many followers", engine_session_open(sessions, true, err) != NULL);
        engine_session_close(first);
        EngineSession *next = NULL;
        assert_ok(next = engine_session_open(sessions, true, err));
        engine_session_release(next);
}

static void a_poll_ends_those_before_and_an_upgrade_all(void **state) {
        CLEANUP(engine_sessions_free) EngineSessions *sessions = sessions_new();
        EngineSession *session = greeted(sessions);
        unsigned before = wakes, first = engine_session_begin_poll(session),
                 second = engine_session_begin_poll(session);

        (void) state;
        assert_int_equal(wakes, before + 2);
        assert_false(engine_session_polls(session, first));
        assert_true(engine_session_polls(session, second));
        engine_session_probe(session, true);
        assert_false(engine_session_polls(session, second));
        engine_session_probe(session, false);
        assert_true(engine_session_polls(session, second));
        engine_session_upgrade(session);
        assert_false(engine_session_polls(session, second));
        assert_true(engine_session_upgraded(session));
        engine_session_release(session);
}

static void only_its_own_topics_wake_it(void **state) {
        CLEANUP(engine_sessions_free) EngineSessions *sessions = sessions_new();
        EngineSession *session = greeted(sessions);
        CLEANUP(free) char *own = xasprintf("engine/%s", engine_session_id(session));

        (void) state;
        assert_true(engine_session_wants(session, own));
        assert_false(engine_session_wants(session, "engine/other"));
        assert_false(engine_session_wants(session, "log/0123456789abcdef01234567"));
        engine_session_release(session);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_is_found_until_it_is_closed),
                cmocka_unit_test(answers_are_bounded),
                cmocka_unit_test(sessions_are_bounded),
                cmocka_unit_test(a_poll_ends_those_before_and_an_upgrade_all),
                cmocka_unit_test(only_its_own_topics_wake_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
