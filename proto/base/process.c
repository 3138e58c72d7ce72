#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process_supervisor.h"
#include "base/text.h"

enum { READ_BYTES = 65536, CANCEL_CHECK_MS = 200, DEFAULT_GRACE_MS = 5000, TAIL_BYTES = 800 };

/* One run, seen from the caller. */
typedef struct Run {
        const ProcessSpec *spec;
        int output, error; /* reading ends; error is -1 when both share one pipe */
        int control;
        uint64_t output_bytes;
        bool order_sent, ended, done, not_run;
        int status; /* of wait(2), once ended */
        ProcessReport failure;
        ProcessResult result;
        int64_t started_ms;
        char *buffer;
} Run;

static const char *path_of(const char *const *environment) {
        for (; *environment; environment++)
                if (text_starts_with(*environment, "PATH="))
                        return *environment + strlen("PATH=");
        return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* The program's file, searched as a shell would. */
static char *find_program(const ProcessSpec *spec, Error **err) {
        const char *name = spec->argv[0];
        CLEANUP(string_list_clear) StringList folders = { 0 };

        if (strchr(name, '/'))
                return xstrdup(name);

        text_split(path_of(spec->environment), ':', &folders);
        for (size_t i = 0; i < folders.count && *name; i++) {
                CLEANUP(free) char *path = xasprintf("%s/%s", folders.items[i], name);
                struct stat facts;

                if (folders.items[i][0] == '/' && stat(path, &facts) == 0 && S_ISREG(facts.st_mode) &&
                    access(path, X_OK) == 0)
                        return TAKE(path);
        }
        error_set(err, ERROR_NOT_FOUND, "program '%s' is not installed", name);
        return NULL;
}

/* A file in memory: the program can read it at its pace, and nobody has to feed a pipe. */
static int open_input(const ProcessSpec *spec, Error **err) {
        if (!spec->input) {
                int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

                if (null < 0)
                        error_set(err, ERROR_UNAVAILABLE, "open /dev/null: %m");
                return null;
        }

        CLEANUP(file_close) int fd = memfd_create("input", MFD_CLOEXEC);
        if (fd < 0) {
                error_set(err, ERROR_UNAVAILABLE, "make the program's input: %m");
                return -1;
        }
        if (!file_write_all(fd, spec->input, spec->input_length, err))
                return -1;
        if (lseek(fd, 0, SEEK_SET) < 0) {
                error_set(err, ERROR_INTERNAL, "rewind the program's input: %m");
                return -1;
        }
        int taken = fd;
        fd = -1;
        return taken;
}

static bool make_pipe(int *ret_read, int *ret_write, Error **err) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "make a pipe: %m");
        *ret_read = ends[0];
        *ret_write = ends[1];
        if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
                return error_set(err, ERROR_INTERNAL, "set up a pipe: %m");
        return true;
}

/* -1 on failure. No signal reaches the child before it has put the handlers of this program aside. */
static pid_t fork_supervisor(ProcessPlan *plan, Error **err) {
        sigset_t all, before;

        plan->caller = getpid();
        sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        pid_t pid = fork();
        if (pid == 0)
                process_supervise(plan);
        int code = errno;
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        errno = code;
        if (pid < 0)
                error_set(err, ERROR_UNAVAILABLE, "start a process: %m");
        return pid;
}

/* The caller's ends into run, the others into plan; on failure what was opened stays there for the cleanup.
 */
static bool open_channels(Run *run, ProcessPlan *plan, Error **err) {
        int sockets[2];

        plan->input = open_input(run->spec, err);
        if (plan->input < 0 || !make_pipe(&run->output, &plan->output, err))
                return false;
        if (run->spec->separate_error) {
                if (!make_pipe(&run->error, &plan->error, err))
                        return false;
        } else {
                plan->error = fcntl(plan->output, F_DUPFD_CLOEXEC, 3);
                if (plan->error < 0)
                        return error_set(err, ERROR_UNAVAILABLE, "set up a pipe: %m");
        }
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "make a socket pair: %m");
        run->control = sockets[0];
        plan->control = sockets[1];
        return true;
}

static void close_fd(int *fd) {
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void close_plan(ProcessPlan *plan) {
        close_fd(&plan->input);
        close_fd(&plan->output);
        close_fd(&plan->error);
        close_fd(&plan->control);
}

/* Orders the end of the program, once, and remembers why. */
static void end_program(Run *run, ProcessEnd why) {
        char order = PROCESS_ORDER_END;

        if (run->order_sent)
                return;
        run->order_sent = true;
        run->result.end = why;
        run->result.duration_ms = clock_monotonic_ms() - run->started_ms;
        (void) send(run->control, &order, 1, MSG_NOSIGNAL);
}

static void pass_on(Run *run, bool is_error, size_t length) {
        const ProcessSpec *spec = run->spec;
        void (*callback)(void *, const char *, size_t) = is_error ? spec->on_error : spec->on_output;
        uint64_t left = spec->output_max_bytes ? spec->output_max_bytes - run->output_bytes : UINT64_MAX;
        bool flooded = length > left;

        if (flooded)
                length = (size_t) left;
        run->output_bytes += length;
        if (callback && length)
                callback(spec->context, run->buffer, length);
        if (flooded) {
                end_program(run, PROCESS_FLOODED);
                run->result.end = PROCESS_FLOODED; /* also when it is noticed after the program's end */
                close_fd(&run->output);
                close_fd(&run->error);
        }
}

/* Reads once; closes at the end of the stream. False when there was nothing. */
static bool read_output(Run *run, int *fd, size_t max_bytes, size_t *ret_count) {
        ssize_t count = *fd >= 0 ? read(*fd, run->buffer, max_bytes) : -1;

        if (count > 0) {
                *ret_count = (size_t) count;
                pass_on(run, fd == &run->error, (size_t) count);
                return true;
        }
        if (count == 0 || (*fd >= 0 && errno != EAGAIN && errno != EINTR))
                close_fd(fd);
        return false;
}

/* What is in the pipe now: somebody outside may hold it open and write for ever. */
static void drain(Run *run, int *fd) {
        int waiting = 0;
        size_t count;

        if (*fd < 0 || ioctl(*fd, FIONREAD, &waiting) < 0)
                return;
        while (waiting > 0 &&
               read_output(run, fd, waiting < READ_BYTES ? (size_t) waiting : READ_BYTES, &count))
                waiting -= (int) count;
}

static void read_report(Run *run) {
        ProcessReport report;
        ssize_t count = recv(run->control, &report, sizeof(report), MSG_DONTWAIT);

        if (count < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (count != (ssize_t) sizeof(report)) {
                run->done = true; /* the supervisor is gone */
                return;
        }
        switch (report.kind) {
        case REPORT_NOT_RUN:
                run->not_run = true;
                run->failure = report;
                break;
        case REPORT_ENDED:
                run->ended = true;
                run->status = report.value;
                break;
        case REPORT_DONE:
                run->done = true;
                run->result.survivors_ended = (unsigned) report.value;
                break;
        }
}

static void check_limits(Run *run) {
        const ProcessSpec *spec = run->spec;

        if (run->ended || run->order_sent)
                return;
        if (deadline_passed(spec->deadline))
                end_program(run, PROCESS_TIMED_OUT);
        else if (spec->cancelled && spec->cancelled(spec->context))
                end_program(run, PROCESS_CANCELLED);
}

static int poll_timeout(const Run *run) {
        if (run->ended || run->order_sent)
                return -1; /* the supervisor keeps the time of what is left */

        int left = deadline_left_ms(run->spec->deadline);
        if (run->spec->cancelled && left > CANCEL_CHECK_MS)
                left = CANCEL_CHECK_MS;
        return left;
}

static void watch(Run *run) {
        while (!run->done) {
                struct pollfd fds[] = {
                        { .fd = run->control, .events = POLLIN },
                        { .fd = run->output, .events = POLLIN },
                        { .fd = run->error, .events = POLLIN },
                };
                size_t count;

                (void) poll(fds, 3, poll_timeout(run));
                if (fds[1].revents)
                        (void) read_output(run, &run->output, READ_BYTES, &count);
                if (fds[2].revents && run->error >= 0)
                        (void) read_output(run, &run->error, READ_BYTES, &count);
                if (fds[0].revents)
                        read_report(run);
                check_limits(run);
        }
        drain(run, &run->output);
        drain(run, &run->error);
}

static bool explain_failure(const Run *run, Error **err) {
        int code = run->failure.value;
        ErrorKind kind = code == ENOENT || code == ENOTDIR  ? ERROR_NOT_FOUND
                         : code == EACCES || code == EPERM  ? ERROR_FORBIDDEN
                         : code == EAGAIN || code == ENOMEM ? ERROR_UNAVAILABLE
                                                            : ERROR_INVALID;

        errno = code;
        switch (run->failure.step) {
        case STEP_FOLDER:
                return error_set(err, kind, "enter the folder '%s': %m", run->spec->folder);
        case STEP_USER:
                return error_set(
                        err, kind, "become user %" PRIi64 ", group %" PRIi64 ": %m", run->spec->uid,
                        run->spec->gid);
        case STEP_EXECUTE:
                return error_set(err, kind, "run '%s': %m", run->spec->argv[0]);
        case STEP_PREPARE:
                break;
        }
        return error_set(err, kind, "prepare to run '%s': %m", run->spec->argv[0]);
}

static bool conclude(Run *run, ProcessResult *ret, Error **err) {
        if (run->not_run)
                return explain_failure(run, err);
        if (!run->ended && !run->order_sent)
                return error_set(err, ERROR_INTERNAL, "lost track of '%s'", run->spec->argv[0]);

        if (run->ended)
                run->result.code = WIFEXITED(run->status) ? WEXITSTATUS(run->status) : WTERMSIG(run->status);
        if (!run->order_sent) {
                run->result.end = WIFEXITED(run->status) ? PROCESS_EXITED : PROCESS_SIGNALLED;
                run->result.duration_ms = clock_monotonic_ms() - run->started_ms;
        }
        *ret = run->result;
        return true;
}

static void run_clear(Run *run) {
        close_fd(&run->output);
        close_fd(&run->error);
        close_fd(&run->control);
        free(run->buffer);
}

bool process_run(const ProcessSpec *spec, ProcessResult *ret, Error **err) {
        CLEANUP(free) char *path = find_program(spec, err);
        if (!path)
                return false;
        if (deadline_passed(spec->deadline)) {
                *ret = (ProcessResult){ .end = PROCESS_TIMED_OUT };
                return true;
        }

        Run run = {
                .spec = spec, .output = -1, .error = -1, .control = -1, .started_ms = clock_monotonic_ms()
        };
        ProcessPlan plan = {
                .path = path,
                .argv = (char *const *) spec->argv,
                .environment = (char *const *) spec->environment,
                .folder = spec->folder ? spec->folder : "/",
                .uid = spec->uid,
                .gid = spec->gid,
                .grace_ms = spec->grace_ms > 0 ? spec->grace_ms : DEFAULT_GRACE_MS,
                .input = -1,
                .output = -1,
                .error = -1,
                .control = -1,
        };
        bool opened = open_channels(&run, &plan, err);
        pid_t supervisor = opened ? fork_supervisor(&plan, err) : -1;
        bool finished = false;

        close_plan(&plan);
        if (supervisor >= 0) {
                run.buffer = xcalloc(READ_BYTES, 1);
                watch(&run);
                close_fd(&run.control); /* should it still be there, it takes this for the order to kill */
                while (waitpid(supervisor, NULL, 0) < 0 && errno == EINTR)
                        continue;
                finished = conclude(&run, ret, err);
        }
        run_clear(&run);
        return finished;
}

static char *describe_limit(int64_t duration_ms) {
        if (duration_ms < 1000)
                return xasprintf("ran longer than %" PRIi64 " ms", duration_ms);
        return xasprintf("ran longer than %" PRIi64 " s", duration_ms / 1000);
}

char *process_result_describe(const ProcessResult *result) {
        switch (result->end) {
        case PROCESS_EXITED:
                return xasprintf("exited with code %d", result->code);
        case PROCESS_SIGNALLED: {
                const char *name = sigdescr_np(result->code);

                return xasprintf("ended by signal %d (%s)", result->code, name ? name : "unknown");
        }
        case PROCESS_TIMED_OUT:
                return describe_limit(result->duration_ms);
        case PROCESS_CANCELLED:
                return xstrdup("was cancelled");
        case PROCESS_FLOODED:
                return xstrdup("wrote more output than allowed");
        }
        abort();
}

/* What process_capture() collects, and the context of the spec it wraps. */
typedef struct Capture {
        const ProcessSpec *spec;
        Text output, error;
} Capture;

static void collect_output(void *context, const char *bytes, size_t length) {
        text_append_bytes(&((Capture *) context)->output, bytes, length);
}

static void collect_error(void *context, const char *bytes, size_t length) {
        text_append_bytes(&((Capture *) context)->error, bytes, length);
}

static bool ask_cancelled(void *context) {
        const ProcessSpec *spec = ((Capture *) context)->spec;

        return spec->cancelled(spec->context);
}

/* The last lines of what it said, for a message. */
static char *tail(const Capture *capture) {
        const Text *text = capture->error.length ? &capture->error : &capture->output;
        const char *start = text->data ? text->data : "";

        if (text->length > TAIL_BYTES) {
                start += text->length - TAIL_BYTES;
                const char *line = memchr(start, '\n', TAIL_BYTES / 2);
                start = line ? line + 1 : start;
        }
        return text_trim(start);
}

static bool capture_failed(
        const Capture *capture, const char *program, const ProcessResult *result, Error **err) {
        CLEANUP(free) char *description = process_result_describe(result);
        CLEANUP(free) char *said = tail(capture);
        ErrorKind kind = result->end == PROCESS_TIMED_OUT   ? ERROR_TIMEOUT
                         : result->end == PROCESS_CANCELLED ? ERROR_CANCELLED
                                                            : ERROR_INTERNAL;

        return error_set(err, kind, "%s %s%s%s", program, description, *said ? ": " : "", said);
}

bool process_capture(const ProcessSpec *spec, char **ret_output, Error **err) {
        Capture capture = { .spec = spec };
        ProcessSpec wrapped = *spec;
        ProcessResult result = { 0 };

        wrapped.on_output = collect_output;
        wrapped.on_error = collect_error;
        wrapped.separate_error = true;
        wrapped.cancelled = spec->cancelled ? ask_cancelled : NULL;
        wrapped.context = &capture;

        bool succeeded = process_run(&wrapped, &result, err);
        if (succeeded && (result.end != PROCESS_EXITED || result.code != 0))
                succeeded = capture_failed(&capture, spec->argv[0], &result, err);
        if (succeeded && ret_output)
                *ret_output = text_take(&capture.output);
        text_clear(&capture.output);
        text_clear(&capture.error);
        return succeeded;
}
