#include "harness/ghost_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/log_file.h"
#include "api/log_stream.h"
#include "base/file.h"
#include "base/memory.h"
#include "harness/stream_reader.h"

typedef struct Fixture {
        char folder[64];
        char *path;
        bool ended;
        int freed;
} Fixture;

static bool job_ended(void *context, char **ret_status) {
        const Fixture *fixture = context;

        if (fixture->ended)
                *ret_status = xstrdup("done");
        return fixture->ended;
}

static void job_freed(void *context) {
        Fixture *fixture = context;

        fixture->freed++;
}

static int set_up(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));

        memcpy(fixture->folder, "/tmp/ghost-log-XXXXXX", sizeof("/tmp/ghost-log-XXXXXX"));
        assert_non_null(mkdtemp(fixture->folder));
        fixture->path = xasprintf("%s/job.txt", fixture->folder);
        *state = fixture;
        return 0;
}

static int tear_down(void **state) {
        Fixture *fixture = *state;

        assert_ok(file_remove_tree(fixture->folder, err));
        free(fixture->path);
        free(fixture);
        return 0;
}

static void add(const Fixture *fixture, const char *text) {
        FILE *file = fopen(fixture->path, "a");

        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
        assert_int_equal(fclose(file), 0);
}

static void open_stream(Fixture *fixture, uint64_t offset, Response *response) {
        LogStreamSource source = { .path = xstrdup(fixture->path),
                                   .topic = xstrdup("log"),
                                   .offset = offset,
                                   .ended = job_ended,
                                   .free = job_freed,
                                   .context = fixture };

        response_init(response);
        log_stream_answer(response, &source);
}

static void lines_come_with_the_offset_behind_them(void **state) {
        Fixture *fixture = *state;
        Response response;

        open_stream(fixture, 0, &response);
        assert_string_equal(response.topic, "log");
        assert_streams(&response, "retry: 1000\n\n", STREAM_WAIT); /* no file yet */
        add(fixture, "one\ntwo\nthr");
        assert_streams(&response, "id: 8\ndata: one\ndata: two\n\n", STREAM_WAIT);
        add(fixture, "ee\n");
        assert_streams(&response, "id: 14\ndata: three\n\n", STREAM_WAIT);
        response_clear(&response);
        assert_int_equal(fixture->freed, 1);
}

static void a_finished_job_ends_the_stream(void **state) {
        Fixture *fixture = *state;
        Response response;

        add(fixture, "one\r\nlast without end");
        fixture->ended = true;
        open_stream(fixture, 0, &response);
        assert_streams(
                &response,
                "retry: 1000\n\nid: 5\ndata: one\n\nid: 21\ndata: last without end\n\nid: 21\nevent: "
                "end\ndata: "
                "done\n\n",
                STREAM_END);
        response_clear(&response);
}

static void a_client_resumes_where_it_was(void **state) {
        Fixture *fixture = *state;
        Response response;

        add(fixture, "one\ntwo\n");
        fixture->ended = true;
        open_stream(fixture, 4, &response);
        assert_streams(
                &response, "retry: 1000\n\nid: 8\ndata: two\n\nid: 8\nevent: end\ndata: done\n\n",
                STREAM_END);
        response_clear(&response);
}

static void an_endless_line_is_cut_in_blocks(void **state) {
        Fixture *fixture = *state;
        CLEANUP(free) char *line = xcalloc(1, 100001);
        StreamRead last;
        Response response;

        memset(line, 'x', 100000);
        add(fixture, line);
        fixture->ended = true;
        open_stream(fixture, 0, &response);
        CLEANUP(free) char *said = stream_drain(&response, &last);
        size_t count = 0;
        for (const char *c = said; *c; c++)
                count += *c == 'x';
        assert_int_equal(count, 100000);
        assert_non_null(strstr(said, "id: 100000\nevent: end"));
        response_clear(&response);
}

static void download(
        const Fixture *fixture, const char *raw, const char *range, int status, const char *content) {
        Request request = { 0 };
        Response response;
        char buffer[64] = "";

        response_init(&response);
        assert_ok(target_parse(raw, &request.target, err));
        if (range)
                pairs_take(&request.headers, xstrdup("Range"), xstrdup(range));
        log_file_answer(&request, &response, fixture->path, "0123", true);
        assert_int_equal(response.status, status);
        if (response.kind == BODY_FILE) {
                ssize_t length = pread(response.fd, buffer, response.length, (off_t) response.offset);
                assert_int_equal(length, response.length);
                assert_string_equal(buffer, content);
        }
        response_clear(&response);
        request_clear(&request);
}

static void a_log_is_downloaded_whole_or_in_part(void **state) {
        Fixture *fixture = *state;

        download(fixture, "/l", NULL, 404, "");
        add(fixture, "0123456789");
        download(fixture, "/l", NULL, 200, "0123456789");
        download(fixture, "/l", "bytes=2-4", 206, "234");
        download(fixture, "/l", "bytes=50-", 416, "");
        download(fixture, "/l?offset=7", NULL, 200, "789");
        download(fixture, "/l?offset=700", NULL, 200, "");
        download(fixture, "/l?offset=x", NULL, 400, "");
}

int main(void) {
#define with_folder(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                with_folder(lines_come_with_the_offset_behind_them),
                with_folder(a_finished_job_ends_the_stream),
                with_folder(a_client_resumes_where_it_was),
                with_folder(an_endless_line_is_cut_in_blocks),
                with_folder(a_log_is_downloaded_whole_or_in_part),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
