#include "harness/ghost_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/text.h"

static const char *const environment[] = { "PATH=/usr/bin:/bin", "GREETING=good day", NULL };

static char folder[] = "/tmp/ghost-process-XXXXXX";

static void add_output(void *context, const char *bytes, size_t length) {
        text_append_bytes(context, bytes, length);
}

static ProcessSpec shell(const char *script, Text *output) {
        static _Thread_local const char *argv[4];

        argv[0] = "sh", argv[1] = "-c", argv[2] = script, argv[3] = NULL;
        return (ProcessSpec){
                .argv = argv,
                .environment = environment,
                .folder = folder,
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .deadline = deadline_after_ms(60000),
                .on_output = output ? add_output : NULL,
                .context = output,
        };
}

static char *in_folder(const char *name) {
        return xasprintf("%s/%s", folder, name);
}

/* The number a script wrote into a file; waits until it is there. */
static pid_t read_pid(const char *name) {
        CLEANUP(free) char *path = in_folder(name);
        Deadline deadline = deadline_after_ms(20000);

        for (;;) {
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(free) char *content = NULL;

                if (file_read(path, 100, &content, NULL, &error) && text_ends_with(content, "\n"))
                        return (pid_t) strtol(content, NULL, 10);
                if (deadline_passed(deadline))
                        fail_msg("%s was never written", path);
                clock_sleep_ms(5);
        }
}

/* Gone, or a zombie that only waits for its new parent. */
static bool is_gone(pid_t pid) {
        CLEANUP(free) char *path = xasprintf("/proc/%d/stat", (int) pid);
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *content = NULL;

        if (!file_read(path, 4096, &content, NULL, &error))
                return true;
        return strstr(content, ") Z ") || strstr(content, ") X ");
}

static void assert_goes(pid_t pid) {
        Deadline deadline = deadline_after_ms(20000);

        while (!is_gone(pid)) {
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(5);
        }
}

static void the_exit_code_and_both_streams_come_back(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("echo out; echo err >&2; exit 3", &output);
        ProcessResult result;

        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_EXITED);
        assert_int_equal(result.code, 3);
        assert_int_equal(result.survivors_ended, 0);
        assert_string_equal(output.data, "out\nerr\n");

        CLEANUP(free) char *description = process_result_describe(&result);
        assert_string_equal(description, "exited with code 3");
}

static void a_signal_that_was_not_ours_is_told(void **state) {
        (void) state;
        ProcessSpec spec = shell("kill -9 $$", NULL);
        ProcessResult result;

        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_SIGNALLED);
        CLEANUP(free) char *description = process_result_describe(&result);
        assert_string_equal(description, "ended by signal 9 (Killed)");
}

static void the_program_sees_exactly_the_environment_given(void **state) {
        (void) state;
        static const char *const argv[] = { "env", NULL };
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("", &output);
        ProcessResult result;

        spec.argv = argv;
        assert_ok(process_run(&spec, &result, err));
        assert_string_equal(output.data, "PATH=/usr/bin:/bin\nGREETING=good day\n");
}

static void it_starts_clean(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        CLEANUP(free) char *expected = xasprintf("0 1 2\n%s\n022\n", folder);
        CLEANUP(file_close) int leaked = open("/dev/null", O_RDONLY); /* no O_CLOEXEC, on purpose */
        /* `ls` itself opens the folder it lists: the next free number, 3, which must be free. */
        ProcessSpec spec = shell(
                "echo $(ls /proc/self/fd | grep -v '^3$'); pwd; umask | tail -c 4; grep -E 'Sig(Blk|Ign)' "
                "/proc/self/status | cut -f 2 | sort -u",
                &output);
        ProcessResult result;
        sigset_t blocked, before;

        sigemptyset(&blocked);
        sigaddset(&blocked, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &blocked, &before);
        signal(SIGPIPE, SIG_IGN);
        assert_true(leaked >= 0);
        assert_ok(process_run(&spec, &result, err));
        signal(SIGPIPE, SIG_DFL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        text_append(&output, "");
        CLEANUP(free) char *whole = xasprintf("%s0000000000000000\n", expected);
        assert_string_equal(output.data, whole);
}

static void input_of_any_size_reaches_the_program(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        size_t length = 3 << 20;
        CLEANUP(free) char *input = xcalloc(length, 1); /* NULs: binary */
        ProcessSpec spec = shell("wc -c", &output);
        ProcessResult result;

        spec.input = input;
        spec.input_length = length;
        assert_ok(process_run(&spec, &result, err));
        assert_string_equal(output.data, "3145728\n");
}

static void output_may_be_binary(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("printf '\\000\\377\\001'; printf x", &output);
        ProcessResult result;

        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(output.length, 4);
        assert_memory_equal(output.data, "\0\377\001x", 4);
}

static void a_program_that_ignores_term_is_killed(void **state) {
        (void) state;
        ProcessSpec spec = shell("trap '' TERM; echo $$ > stubborn; while :; do sleep 1000; done", NULL);
        ProcessResult result;

        spec.deadline = deadline_after_ms(300);
        spec.grace_ms = 200;
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_TIMED_OUT);
        assert_true(is_gone(read_pid("stubborn")));

        CLEANUP(free) char *description = process_result_describe(&result);
        assert_true(text_starts_with(description, "ran longer than "));
}

static void a_program_may_clean_up_on_term(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("trap 'echo bye; exit 0' TERM; echo hi; sleep 1000 & wait", &output);
        ProcessResult result;

        spec.deadline = deadline_after_ms(500);
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_TIMED_OUT);
        assert_string_equal(output.data, "hi\nbye\n");
}

static void a_daemon_does_not_survive(void **state) {
        (void) state;
        /* Twice forked, own session, TERM ignored, and it keeps the output open. */
        ProcessSpec spec = shell(
                "(setsid sh -c 'trap \"\" TERM; (echo $PPID > /dev/null; sh -c \"echo \\$\\$ > daemon; exec "
                "sleep 1000\") & wait' &) ; while ! [ -s daemon ]; do sleep 0.01; done",
                NULL);
        ProcessResult result;

        spec.grace_ms = 100;
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_EXITED);
        assert_int_equal(result.code, 0);
        assert_true(result.survivors_ended >= 1);
        assert_true(is_gone(read_pid("daemon")));
}

static void a_flood_is_cut_at_the_limit(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("trap '' PIPE; head -c 100000000 /dev/zero; sleep 1000", &output);
        ProcessResult result;

        spec.output_max_bytes = 1000000;
        spec.grace_ms = 200;
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_FLOODED);
        assert_int_equal(output.length, 1000000);
}

static void exactly_the_limit_is_no_flood(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("printf 12345", &output);
        ProcessResult result;

        spec.output_max_bytes = 5;
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_EXITED);
        spec.output_max_bytes = 4;
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_FLOODED);
        assert_string_equal(output.data, "123451234");
}

static void all_of_a_large_output_arrives(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("head -c 5000000 /dev/zero", &output);
        ProcessResult result;

        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(output.length, 5000000);
}

static bool cancel_once_started(void *context) {
        (void) context;
        CLEANUP(free) char *path = in_folder("started");
        return file_exists(path);
}

static void a_cancelled_program_ends(void **state) {
        (void) state;
        ProcessSpec spec = shell("touch started; sleep 1000", NULL);
        ProcessResult result;

        spec.cancelled = cancel_once_started;
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_CANCELLED);
}

static void what_cannot_be_run_is_an_error(void **state) {
        (void) state;
        static const char *const unknown[] = { "ghost-no-such-program", NULL };
        static const char *const absent[] = { "/nowhere/program", NULL };
        static const char *const not_executable[] = { "/etc/passwd", NULL };
        ProcessSpec spec = shell("true", NULL);
        ProcessResult result;

        spec.folder = "/nowhere";
        assert_fails(
                ERROR_NOT_FOUND, "enter the folder '/nowhere': No such file or directory",
                process_run(&spec, &result, err));
        spec.folder = NULL;
        spec.argv = unknown;
        assert_fails(
                ERROR_NOT_FOUND, "program 'ghost-no-such-program' is not installed",
                process_run(&spec, &result, err));
        spec.argv = absent;
        assert_fails(
                ERROR_NOT_FOUND, "run '/nowhere/program': No such file or directory",
                process_run(&spec, &result, err));
        spec.argv = not_executable;
        assert_fails(
                ERROR_FORBIDDEN, "run '/etc/passwd': Permission denied", process_run(&spec, &result, err));
}

static void another_user_gets_no_group_of_ours(void **state) {
        (void) state;
        CLEANUP(text_clear) Text output = { 0 };
        ProcessSpec spec = shell("echo $(id -u) $(id -g) $(id -G)", &output);
        ProcessResult result;

        if (geteuid() != 0)
                skip();
        spec.folder = "/";
        spec.uid = 65534;
        spec.gid = 65534;
        assert_ok(process_run(&spec, &result, err));
        assert_string_equal(output.data, "65534 65534 65534\n");
}

static void capture_returns_output_or_says_why_not(void **state) {
        (void) state;
        CLEANUP(free) char *output = NULL;
        ProcessSpec spec = shell("echo yes; echo no >&2", NULL);

        spec.output_max_bytes = 1000;
        assert_ok(process_capture(&spec, &output, err));
        assert_string_equal(output, "yes\n");

        spec = shell("echo detail; echo 'it broke' >&2; exit 4", NULL);
        spec.output_max_bytes = 1000;
        assert_fails(ERROR_INTERNAL, "sh exited with code 4: it broke", process_capture(&spec, NULL, err));

        spec = shell("sleep 1000", NULL);
        spec.deadline = deadline_after_ms(0);
        assert_fails(ERROR_TIMEOUT, "sh ran longer than 0 ms", process_capture(&spec, NULL, err));
}

static void *run_many(void *context) {
        atomic_uint *good = context;

        for (int i = 0; i < 10; i++) {
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(text_clear) Text output = { 0 };
                CLEANUP(free) char *script = xasprintf("sleep 1000 & echo %d; exit %d", i, i);
                CLEANUP(free) char *expected = xasprintf("%d\n", i);
                ProcessSpec spec = shell(script, &output);
                ProcessResult result;

                if (process_run(&spec, &result, &error) && result.end == PROCESS_EXITED && result.code == i &&
                    result.survivors_ended == 1 && text_equal(output.data, expected))
                        atomic_fetch_add(good, 1);
        }
        return NULL;
}

static void many_threads_run_programs_at_once(void **state) {
        (void) state;
        pthread_t threads[8];
        atomic_uint good = 0;
        /* A child of ours that is none of theirs stays untouched. */
        pid_t bystander = fork();

        if (bystander == 0)
                for (;;)
                        pause();
        for (size_t i = 0; i < 8; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, run_many, &good), 0);
        for (size_t i = 0; i < 8; i++)
                pthread_join(threads[i], NULL);
        assert_int_equal(good, 80);
        assert_int_equal(waitpid(bystander, NULL, WNOHANG), 0);
        kill(bystander, SIGKILL);
        assert_int_equal(waitpid(bystander, NULL, 0), bystander);
}

/* What the next test kills: runs a program with a daemon, for ever. */
static int be_the_caller(const char *where) {
        CLEANUP(error_free) Error *error = NULL;
        ProcessSpec spec =
                shell("echo $$ > child; setsid sh -c 'echo $$ > grandchild; exec sleep 1000'", NULL);
        ProcessResult result;

        spec.folder = where;
        spec.deadline = DEADLINE_NEVER;
        return process_run(&spec, &result, &error) ? 0 : 1;
}

static void a_killed_caller_takes_everything_down(void **state) {
        (void) state;
        pid_t caller = fork();

        if (caller == 0) {
                execl("/proc/self/exe", "caller", folder, (char *) NULL);
                _exit(1);
        }
        pid_t child = read_pid("child"), grandchild = read_pid("grandchild");
        assert_false(is_gone(child));
        kill(caller, SIGKILL);
        waitpid(caller, NULL, 0);
        assert_goes(child);
        assert_goes(grandchild);
}

static int make_folder(void **state) {
        (void) state;
        return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
        (void) state;
        CLEANUP(error_free) Error *error = NULL;
        return file_remove_tree(folder, &error) ? 0 : -1;
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_exit_code_and_both_streams_come_back),
                cmocka_unit_test(a_signal_that_was_not_ours_is_told),
                cmocka_unit_test(the_program_sees_exactly_the_environment_given),
                cmocka_unit_test(it_starts_clean),
                cmocka_unit_test(input_of_any_size_reaches_the_program),
                cmocka_unit_test(output_may_be_binary),
                cmocka_unit_test(a_program_that_ignores_term_is_killed),
                cmocka_unit_test(a_program_may_clean_up_on_term),
                cmocka_unit_test(a_daemon_does_not_survive),
                cmocka_unit_test(a_flood_is_cut_at_the_limit),
                cmocka_unit_test(exactly_the_limit_is_no_flood),
                cmocka_unit_test(all_of_a_large_output_arrives),
                cmocka_unit_test(a_cancelled_program_ends),
                cmocka_unit_test(what_cannot_be_run_is_an_error),
                cmocka_unit_test(another_user_gets_no_group_of_ours),
                cmocka_unit_test(capture_returns_output_or_says_why_not),
                cmocka_unit_test(many_threads_run_programs_at_once),
                cmocka_unit_test(a_killed_caller_takes_everything_down),
        };

        if (argc == 2)
                return be_the_caller(argv[1]);
        return cmocka_run_group_tests_name("process", tests, make_folder, remove_folder);
}
