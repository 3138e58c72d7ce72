/* Health checks as the agent makes them, with real sockets on loopback and real commands. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "tasks/modules.h"

typedef struct Lab {
        char *folder, *spool_path, *scratch, *target;
        TaskServices services;
        Ghost__Order order;
        Ghost__Manifest manifest;
        Ghost__HealthCheck check;
        atomic_bool cancelled;
        Task task;
} Lab;

static const ModuleHook what = { .module = "web", .manifest_sha256 = "0123456789abcdef0123456789abcdef" };

static int lab_start(void **state) {
        Lab *lab = xcalloc(1, sizeof(*lab));

        lab->folder = temp_folder();
        lab->spool_path = xasprintf("%s/spool", lab->folder);
        lab->scratch = xasprintf("%s/scratch", lab->folder);
        lab->target = xasprintf("%s/srv/web", lab->folder);
        assert_ok(file_make_folders(lab->target, 0755, err));
        ghost__order__init(&lab->order);
        ghost__manifest__init(&lab->manifest);
        ghost__health_check__init(&lab->check);
        lab->manifest.module = (char *) "web";
        lab->manifest.path = (char *) "/srv/web";
        lab->services = (TaskServices){
                .scratch = lab->scratch, .root = "", .instance_id = "i-1", .private_ip = "127.0.0.1"
        };
        assert_ok((lab->services.releases = releases_open(lab->folder, lab->folder, err)));
        lab->task = (Task){ .services = &lab->services,
                            .order = &lab->order,
                            .cancelled = &lab->cancelled,
                            .deadline = deadline_after_ms(60000) };
        assert_ok((lab->task.spool = spool_open(lab->spool_path, 1 << 20, err)));
        lab->check.interval_ms = 50;
        lab->check.timeout_ms = 2000;
        lab->check.deadline_ms = 20000;
        lab->check.status_first = 200;
        lab->check.status_last = 399;
        *state = lab;
        return 0;
}

static int lab_stop(void **state) {
        Lab *lab = *state;

        task_clear(&lab->task);
        spool_free(lab->task.spool);
        releases_free(lab->services.releases);
        free(lab->spool_path);
        free(lab->scratch);
        free(lab->target);
        temp_remove(lab->folder);
        free(lab);
        return 0;
}

static void ask_http(Lab *lab, const ScriptedHttp *server) {
        lab->check.kind = GHOST__HEALTH_KIND__HEALTH_KIND_HTTP;
        lab->check.port = (uint32_t) strtoul(strrchr(scripted_http_url(server), ':') + 1, NULL, 10);
        lab->check.path = (char *) "/up";
}

static void ask_command(Lab *lab, const char *script) {
        lab->check.kind = GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND;
        lab->check.command = (ProtobufCBinaryData){ strlen(script), (uint8_t *) script };
}

static char *log_of(Lab *lab) {
        CLEANUP(spool_batch_clear) SpoolBatch batch = { 0 };

        spool_end_line(lab->task.spool);
        assert_ok(spool_next_batch(lab->task.spool, 1 << 20, &batch, err));
        return xstrndup(batch.lines ? batch.lines : "", batch.length);
}

static size_t times(const char *text, const char *words) {
        size_t count = 0;

        for (; (text = strstr(text, words)); text++)
                count++;
        return count;
}

static bool check_it(Lab *lab, Error **err) {
        return module_check_health(&lab->task, &what, &lab->check, &lab->manifest, err);
}

static void no_check_is_well(void **state) {
        Lab *lab = *state;

        assert_ok(module_check_health(&lab->task, &what, NULL, &lab->manifest, err));
        assert_int_equal(lab->task.health_count, 0);
}

static void it_is_tried_until_it_is_well_and_only_changes_are_said(void **state) {
        static const ScriptedReply replies[] = {
                { 503, .body = "warming" }, { 503, .body = "warming" }, { 500 }, { 204 }
        };
        Lab *lab = *state;
        ScriptedHttp *server = scripted_http_start_table(replies);

        ask_http(lab, server);
        assert_ok(check_it(lab, err));
        assert_int_equal(lab->task.health_count, 1);
        const TaskHealthRun *run = &lab->task.health[0];
        assert_true(run->ok);
        assert_string_equal(run->module, "web");
        assert_string_equal(run->kind, "http");
        assert_string_equal(run->message, "status 204");
        assert_int_equal(run->attempts, 4);
        assert_true(run->duration_ms >= 150);

        CLEANUP(free) char *log = log_of(lab);
        assert_int_equal(times(log, "status 503"), 1);
        assert_int_equal(times(log, "try 3: status 500"), 1);
        assert_int_equal(times(log, "is well: status 204 (try 4, after "), 1);
        scripted_http_stop(server);
}

static void attempts_have_an_end(void **state) {
        static const ScriptedReply replies[] = { { 503 } };
        Lab *lab = *state;
        CLEANUP(error_free) Error *problem = NULL;
        ScriptedHttp *server = scripted_http_start_table(replies);

        ask_http(lab, server);
        lab->check.attempts = 3;
        assert_false(check_it(lab, &problem));
        assert_int_equal(scripted_http_request_count(server), 3);
        assert_int_equal(lab->task.health[0].attempts, 3);
        assert_false(lab->task.health[0].ok);
        CLEANUP(free)
        char *begins = xasprintf("health check (http 127.0.0.1:%u/up) failed: 3 tries in ", lab->check.port);
        assert_non_null(strstr(error_message(problem), begins));
        assert_non_null(strstr(error_message(problem), "the last answer: status 503"));
        scripted_http_stop(server);
}

static void time_has_an_end_even_for_one_that_never_answers(void **state) {
        static const ScriptedReply replies[] = { { 200, .headers = "X: y\r\n", .body = "x" } };
        Lab *lab = *state;
        CLEANUP(error_free) Error *problem = NULL;
        ScriptedHttp *server = scripted_http_start_table(replies);
        int64_t begun = clock_monotonic_ms();

        ask_http(lab, server);
        lab->check.status_first = lab->check.status_last = 201;
        lab->check.deadline_ms = 1500;
        assert_false(check_it(lab, &problem));
        assert_true(clock_monotonic_ms() - begun < 60000);
        assert_true(scripted_http_request_count(server) >= 2);
        assert_non_null(strstr(error_message(problem), "the last answer: status 200"));
        scripted_http_stop(server);
}

static void a_port_that_nobody_listens_on_is_refused(void **state) {
        static const ScriptedReply replies[] = { { 200 } };
        Lab *lab = *state;
        CLEANUP(error_free) Error *problem = NULL;
        ScriptedHttp *server = scripted_http_start_table(replies);

        ask_http(lab, server);
        lab->check.kind = GHOST__HEALTH_KIND__HEALTH_KIND_TCP;
        assert_ok(check_it(lab, err));
        assert_string_equal(lab->task.health[0].message, "it is connected");
        scripted_http_stop(server);
        lab->check.attempts = 2;
        assert_false(check_it(lab, &problem));
        assert_non_null(strstr(error_message(problem), "failed: 2 tries in "));
        assert_non_null(strstr(error_message(problem), "the last answer: Connection refused"));
}

static void a_command_runs_where_the_module_is_until_it_ends_well(void **state) {
        Lab *lab = *state;

        ask_command(
                lab, "#!/bin/sh\necho checking $GHOST_MODULE_NAME in ${PWD##*/}\n"
                     "test -f ready && exit 0\ntouch ready\nexit 5\n");
        lab->manifest.module = (char *) "web";
        assert_ok(check_it(lab, err));
        assert_int_equal(lab->task.health[0].attempts, 2);
        assert_string_equal(lab->task.health[0].kind, "command");
        assert_int_equal(lab->task.hook_count, 0); /* its tries are no hooks */

        CLEANUP(free) char *log = log_of(lab);
        assert_int_equal(times(log, "checking web in web\n"), 2);
        assert_int_equal(times(log, "health check (command), try 1: health_check exited with code 5"), 1);
}

static void a_command_that_hangs_is_ended(void **state) {
        Lab *lab = *state;
        CLEANUP(error_free) Error *problem = NULL;

        ask_command(lab, "#!/bin/sh\nsleep 60\n");
        lab->check.timeout_ms = 300;
        lab->check.attempts = 1;
        assert_false(check_it(lab, &problem));
        assert_non_null(strstr(error_message(problem), "ran longer than"));
}

static void a_cancel_is_no_failed_check(void **state) {
        Lab *lab = *state;

        ask_command(lab, "#!/bin/sh\nexit 1\n");
        atomic_store(&lab->cancelled, true);
        assert_fails(ERROR_CANCELLED, "cancelled", check_it(lab, err));
}

static void what_cannot_be_asked_is_refused(void **state) {
        Lab *lab = *state;

        lab->check.kind = GHOST__HEALTH_KIND__HEALTH_KIND_TCP;
        lab->check.port = 70000;
        assert_fails(ERROR_INVALID, "health check: port 70000 cannot be", check_it(lab, err));
}

int main(void) {
#define LAB_TEST(test) cmocka_unit_test_setup_teardown(test, lab_start, lab_stop)
        const struct CMUnitTest tests[] = {
                LAB_TEST(no_check_is_well),
                LAB_TEST(it_is_tried_until_it_is_well_and_only_changes_are_said),
                LAB_TEST(attempts_have_an_end),
                LAB_TEST(time_has_an_end_even_for_one_that_never_answers),
                LAB_TEST(a_port_that_nobody_listens_on_is_refused),
                LAB_TEST(a_command_runs_where_the_module_is_until_it_ends_well),
                LAB_TEST(a_command_that_hangs_is_ended),
                LAB_TEST(a_cancel_is_no_failed_check),
                LAB_TEST(what_cannot_be_asked_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
