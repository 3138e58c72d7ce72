#include "harness/ghost_test.h"
#include "harness/scripted_http.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "follow.h"

#define EVENTS "Content-Type: text/event-stream\r\n"
#define ONE "id: 4\ndata: one\n\n"
#define TWO "id: 14\ndata: two\ndata: three\n\n"
#define END(offset) "id: " offset "\nevent: end\ndata: done\n\n"
#define JOB "{\"status\":\"done\",\"message\":\"fine\"}"

/* The log as it was written; caller frees. */
static char *follow(ScriptedHttp *server, bool keep_colour) {
        Profile profile = { .endpoint = (char *) scripted_http_url(server), .token = (char *) "t" };
        CLEANUP(client_free) Client *client = client_new(&profile);
        CLEANUP(document_free) Document *job = NULL;
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        LogSinks sinks = { .sinks = { { .out = out, .keep_colour = keep_colour } } };

        assert_ok(follow_job(client, "j1", &sinks, &job, err));
        assert_string_equal(document_get_string(job, "status"), "done");
        assert_int_equal(fclose(out), 0);
        return text;
}

static void assert_resumes(size_t cut_after, const char *rest, const char *last_id) {
        const ScriptedReply replies[] = {
                { .status = 200,
                  .headers = EVENTS,
                  .body = "retry: 1000\n\n" ONE TWO,
                  .cut_after = cut_after },
                { .status = 200, .headers = EVENTS, .body = rest },
                { .status = 200, .body = JOB },
        };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        CLEANUP(free) char *log = follow(server, true);

        assert_string_equal(log, "one\ntwo\nthree\n");
        assert_non_null(strstr(scripted_http_request(server, 0), "GET /jobs/j1/logs/stream "));
        assert_null(strstr(scripted_http_request(server, 0), "Last-Event-ID"));
        if (!strstr(scripted_http_request(server, 1), last_id))
                fail_msg("cut after %zu: %s", cut_after, scripted_http_request(server, 1));
}

/* Whereever it is cut: between events, after an id, inside a line, after a line. */
static void a_cut_stream_goes_on_without_gap_or_double(void **state) {
        enum { RETRY = sizeof("retry: 1000\n\n") - 1, FIRST = RETRY + sizeof(ONE) - 1 };

        (void) state;
        assert_resumes(FIRST, TWO END("14"), "Last-Event-ID: 4\r\n");
        assert_resumes(FIRST + sizeof("id: 14\n") - 1, TWO END("14"), "Last-Event-ID: 4\r\n");
        assert_resumes(FIRST + sizeof("id: 14\ndata: tw") - 1, TWO END("14"), "Last-Event-ID: 4\r\n");
        assert_resumes(FIRST + sizeof("id: 14\ndata: two\n") - 1, TWO END("14"), "Last-Event-ID: 4\r\n");
        assert_resumes(FIRST + sizeof(TWO) - 1, END("14"), "Last-Event-ID: 14\r\n");
}

static void a_line_in_several_events_stays_one_line(void **state) {
        const ScriptedReply replies[] = {
                { .status = 200,
                  .headers = EVENTS,
                  .body = ONE
                  "id: 7\ndata: abc\n\nid: 11\ndata: def\n\n: still here\n\nid: 13\ndata: zz\n\n" END("13"),
                  .drip_ms = 1 },
                { .status = 200, .body = JOB },
        };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        CLEANUP(free) char *log = NULL;

        (void) state;
        log = follow(server, true);
        assert_string_equal(log, "one\nabcdef\nzz");
}

static void colours_are_taken_out(void **state) {
        const ScriptedReply replies[] = {
                { .status = 200,
                  .headers = EVENTS,
                  .body = "id: 13\ndata: \033[1;31mred\033[0m\n\n" END("13") },
                { .status = 200, .body = JOB },
        };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        CLEANUP(free) char *log = NULL;

        (void) state;
        log = follow(server, false);
        assert_string_equal(log, "red\n");
}

/* Carriage returns and bytes that are no text, too; cut in the middle of a sequence. */
static void a_stored_log_comes_byte_for_byte(void **state) {
        const ScriptedReply replies[] = {
                { .status = 200, .body = "10%\r20%\r\n\033[32mgreen\033[0m", .cut_after = 12 },
                { .status = 200, .body = "2mgreen\033[0m" },
        };
        __attribute__((cleanup(scripted_http_stopp))) ScriptedHttp *server =
                scripted_http_start_table(replies);
        Profile profile = { .endpoint = (char *) scripted_http_url(server), .token = (char *) "t" };
        CLEANUP(client_free) Client *client = client_new(&profile);
        CLEANUP(free) char *raw = NULL;
        CLEANUP(free) char *plain = NULL;
        size_t length = 0;
        FILE *first = open_memstream(&raw, &length), *second = open_memstream(&plain, &length);
        LogSinks sinks = { .sinks = { { .out = first, .keep_colour = true }, { .out = second } } };

        (void) state;
        uint64_t offset = 0;
        assert_ok(follow_stored(client, "/jobs/j1/logs", &offset, &sinks, err));
        assert_int_equal(offset, strlen("10%\r20%\r\n\033[32mgreen\033[0m"));
        (void) fclose(first);
        (void) fclose(second);
        assert_string_equal(raw, "10%\r20%\r\n\033[32mgreen\033[0m");
        assert_string_equal(plain, "10%\r20%\r\ngreen");
        assert_non_null(strstr(scripted_http_request(server, 0), "GET /jobs/j1/logs?offset=0 "));
        assert_non_null(strstr(scripted_http_request(server, 1), "GET /jobs/j1/logs?offset=12 "));
}

static void only_done_is_well(void **state) {
        static const char *const bad[] = { "failed", "cancelled", "aborted", "started", "" };
        CLEANUP(document_free) Document *job = document_object();

        (void) state;
        document_set_string(job, "message", "why");
        document_set_string(job, "status", "done");
        assert_ok(follow_verdict(job, err));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                CLEANUP(free) char *message = xasprintf("job %s: why", bad[i]);

                document_set_string(job, "status", bad[i]);
                assert_fails(ERROR_INTERNAL, message, follow_verdict(job, err));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_cut_stream_goes_on_without_gap_or_double),
                cmocka_unit_test(a_line_in_several_events_stays_one_line),
                cmocka_unit_test(colours_are_taken_out),
                cmocka_unit_test(a_stored_log_comes_byte_for_byte),
                cmocka_unit_test(only_done_is_well),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
