#include "base/process_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where the descriptors that are kept end up; all others are closed. */
enum { FD_INPUT = 3, FD_OUTPUT, FD_ERROR, FD_CONTROL, FD_COUNT };
enum { PARK = 64 };

enum { PROCESSES_MAX = 16384, SWEEP_MS = 20, SURVIVOR_GRACE_MS = 1000, GIVE_UP_MS = 10000 };

typedef struct Supervisor {
        const ProcessPlan *plan;
        pid_t program;
        int signals; /* signalfd */
        bool program_ended, ending, orphaned;
        int64_t kill_at_ms;
        int survivors_ended;
} Supervisor;

typedef struct Entry {
        pid_t pid, parent;
        bool ours;
} Entry;

/* Only ever written in a supervisor, which has one thread and its own copy. */
static Entry entries[PROCESSES_MAX];

/* Not _exit(): sanitizers hook it, and this process has nothing to tell them. */
static _Noreturn void leave(int code) {
        for (;;)
                syscall(SYS_exit_group, code);
}

static int64_t now_ms(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void report(int fd, ProcessReport message) {
        (void) send(fd, &message, sizeof(message), MSG_NOSIGNAL);
}

static void close_from(unsigned first) {
#ifdef SYS_close_range
        if (syscall(SYS_close_range, first, ~0U, 0) == 0)
                return;
#endif
        struct rlimit limit = { .rlim_cur = 65536 };
        (void) getrlimit(RLIMIT_NOFILE, &limit);
        for (unsigned fd = first; fd < limit.rlim_cur && fd < 65536; fd++)
                (void) close((int) fd);
}

static bool arrange_descriptors(const ProcessPlan *plan) {
        int fds[] = { plan->input, plan->output, plan->error, plan->control };

        /* Out of the way first: a descriptor may already have the number of another one's place. */
        for (int i = 0; i < 4; i++) {
                fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, PARK);
                if (fds[i] < 0)
                        return false;
        }
        for (int i = 0; i < 4; i++)
                if (dup3(fds[i], FD_INPUT + i, O_CLOEXEC) < 0)
                        return false;
        close_from(FD_COUNT);

        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0)
                return false;
        for (int fd = 0; fd <= 2; fd++)
                if (dup2(null, fd) < 0)
                        return false;
        close(null);
        return true;
}

static void reset_signal_handlers(void) {
        struct sigaction plain = { .sa_handler = SIG_DFL };

        for (int number = 1; number < 65; number++)
                (void) sigaction(number, &plain, NULL); /* KILL, STOP and the C library's own refuse */
}

static bool become_user(const ProcessPlan *plan) {
        bool other_group = plan->gid >= 0 && (gid_t) plan->gid != getegid();
        bool other_user = plan->uid >= 0 && (uid_t) plan->uid != geteuid();

        /* Before the user: afterwards there is no right to. The caller's other groups are never kept. */
        if ((other_group || other_user) && setgroups(0, NULL) < 0)
                return false;
        if (other_group && setresgid((gid_t) plan->gid, (gid_t) plan->gid, (gid_t) plan->gid) < 0)
                return false;
        return !other_user || setresuid((uid_t) plan->uid, (uid_t) plan->uid, (uid_t) plan->uid) == 0;
}

static _Noreturn void not_run(ProcessStep step) {
        report(FD_CONTROL, (ProcessReport){ .kind = REPORT_NOT_RUN, .value = errno, .step = step });
        leave(127);
}

static _Noreturn void execute(const ProcessPlan *plan) {
        sigset_t none;

        if (setpgid(0, 0) < 0)
                not_run(STEP_PREPARE);
        for (int fd = 0; fd <= 2; fd++)
                if (dup2(FD_INPUT + fd, fd) < 0)
                        not_run(STEP_PREPARE);
        if (!become_user(plan))
                not_run(STEP_USER);
        /* After the change of user, which clears it. Whoever shoots the supervisor ends the program, too. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                not_run(STEP_PREPARE);
        if (chdir(plan->folder) < 0)
                not_run(STEP_FOLDER);
        (void) umask(022);

        sigemptyset(&none);
        (void) pthread_sigmask(SIG_SETMASK, &none, NULL);
        execve(plan->path, plan->argv, plan->environment);
        not_run(STEP_EXECUTE);
}

/* "1234 (a name) S 1 …": the name may hold anything, blanks and ')' too. */
static pid_t read_parent(const char *pid_text) {
        char path[64], line[512], *end = path;

        /* No snprintf() here: it may allocate. At most ten digits: parse_pid() has seen them. */
        end = stpcpy(end, "/proc/");
        end = stpcpy(end, pid_text);
        stpcpy(end, "/stat");
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        ssize_t count = read(fd, line, sizeof(line) - 1);
        close(fd);
        if (count <= 0)
                return -1;

        line[count] = '\0';
        const char *at = strrchr(line, ')');
        if (!at || strlen(at) < 5)
                return -1;
        pid_t parent = 0;
        for (at += 4; *at >= '0' && *at <= '9'; at++)
                parent = parent * 10 + (*at - '0');
        return parent;
}

static pid_t parse_pid(const char *name) {
        pid_t pid = 0;

        for (; *name; name++) {
                if (*name < '0' || *name > '9' || pid > INT32_MAX / 10 - 1)
                        return -1;
                pid = pid * 10 + (*name - '0');
        }
        return pid;
}

typedef struct DirectoryEntry { /* of getdents64(2) */
        uint64_t inode;
        int64_t offset;
        unsigned short length;
        unsigned char type;
        char name[];
} DirectoryEntry;

/* All processes of the machine with their parents; -1 without /proc. */
static int list_processes(void) {
        _Alignas(DirectoryEntry) static char buffer[32768];
        int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = 0;
        long length;

        if (fd < 0)
                return -1;
        while ((length = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
                for (long at = 0; at < length;) {
                        const DirectoryEntry *entry = (const DirectoryEntry *) (buffer + at);
                        pid_t pid = parse_pid(entry->name), parent;

                        at += entry->length;
                        if (pid <= 0 || count == PROCESSES_MAX || (parent = read_parent(entry->name)) < 0)
                                continue;
                        entries[count++] = (Entry){ .pid = pid, .parent = parent };
                }
        close(fd);
        return count;
}

static bool mark_children_of_ours(int count) {
        bool found = false;
        pid_t self = getpid();

        for (int i = 0; i < count; i++) {
                bool ours = entries[i].parent == self;

                for (int j = 0; j < count && !ours && !entries[i].ours; j++)
                        ours = entries[j].ours && entries[j].pid == entries[i].parent;
                if (ours && !entries[i].ours)
                        entries[i].ours = found = true;
        }
        return found;
}

/* To every descendant. Processes it starts meanwhile are met by the next sweep. */
static void signal_all(const Supervisor *supervisor, int number) {
        int count = list_processes();

        if (count < 0) /* else a handler of the program would run twice */
                (void) kill(-supervisor->program, number);
        while (count > 0 && mark_children_of_ours(count))
                continue;
        for (int i = 0; i < count; i++)
                if (entries[i].ours) {
                        (void) kill(entries[i].pid, number);
                        if (number == SIGTERM)
                                (void) kill(entries[i].pid, SIGCONT); /* a stopped one would not notice */
                }
}

static void end_all(Supervisor *supervisor, int64_t grace_ms) {
        int64_t kill_at_ms = now_ms() + grace_ms;

        if (!supervisor->ending || kill_at_ms < supervisor->kill_at_ms)
                supervisor->kill_at_ms = kill_at_ms;
        if (!supervisor->ending && grace_ms > 0)
                signal_all(supervisor, SIGTERM);
        supervisor->ending = true;
}

/* False when no child is left. */
static bool reap(Supervisor *supervisor) {
        for (;;) {
                int status;
                pid_t pid = waitpid(-1, &status, WNOHANG);

                if (pid <= 0)
                        return pid == 0;
                if (pid == supervisor->program) {
                        supervisor->program_ended = true;
                        report(FD_CONTROL, (ProcessReport){ .kind = REPORT_ENDED, .value = status });
                } else if (supervisor->program_ended && supervisor->ending) {
                        supervisor->survivors_ended++;
                }
        }
}

static void wait_for_news(Supervisor *supervisor) {
        struct pollfd fds[] = {
                { .fd = supervisor->signals, .events = POLLIN },
                { .fd = FD_CONTROL, .events = POLLIN },
        };
        struct signalfd_siginfo news;
        char order;

        if (supervisor->orphaned)
                fds[1].fd = -1; /* or poll() would never wait again */
        (void) poll(fds, 2, supervisor->ending ? SWEEP_MS : -1);
        while (read(supervisor->signals, &news, sizeof(news)) == (ssize_t) sizeof(news))
                if (news.ssi_signo == SIGTERM)
                        end_all(supervisor, 0);
        if (!fds[1].revents)
                return;
        ssize_t count = recv(FD_CONTROL, &order, 1, MSG_DONTWAIT);
        if (count == 1) {
                end_all(supervisor, supervisor->plan->grace_ms);
        } else if (count == 0 || errno != EAGAIN) {
                supervisor->orphaned = true;
                end_all(supervisor, 0);
        }
}

static _Noreturn void watch(Supervisor *supervisor) {
        while (reap(supervisor)) {
                if (supervisor->program_ended && !supervisor->ending)
                        end_all(supervisor, supervisor->plan->grace_ms < SURVIVOR_GRACE_MS
                                                    ? supervisor->plan->grace_ms
                                                    : SURVIVOR_GRACE_MS);
                if (supervisor->ending && now_ms() >= supervisor->kill_at_ms) {
                        signal_all(supervisor, SIGKILL);
                        /* Stuck in the kernel, beyond any signal: the caller must not hang for it. */
                        if (now_ms() >= supervisor->kill_at_ms + GIVE_UP_MS)
                                break;
                }
                wait_for_news(supervisor);
        }
        report(FD_CONTROL, (ProcessReport){ .kind = REPORT_DONE, .value = supervisor->survivors_ended });
        leave(0);
}

_Noreturn void process_supervise(const ProcessPlan *plan) {
        Supervisor supervisor = { .plan = plan };
        sigset_t watched;

        if (!arrange_descriptors(plan)) {
                report(plan->control, (ProcessReport){ .kind = REPORT_NOT_RUN, .value = errno });
                leave(1);
        }
        reset_signal_handlers();
        sigemptyset(&watched);
        sigaddset(&watched, SIGCHLD);
        sigaddset(&watched, SIGTERM);
        supervisor.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
        if (supervisor.signals < 0 || setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
            prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != plan->caller)
                not_run(STEP_PREPARE);
        (void) prctl(PR_SET_NAME, "ghost-run");

        supervisor.program = fork();
        if (supervisor.program < 0)
                not_run(STEP_PREPARE);
        if (supervisor.program == 0)
                execute(plan);
        /* Here as well, so that a signal to the group meets it however the two are scheduled. */
        (void) setpgid(supervisor.program, supervisor.program);
        for (int fd = FD_INPUT; fd < FD_CONTROL; fd++)
                close(fd);
        watch(&supervisor);
}
