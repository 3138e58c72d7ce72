/* The job's log across everything that may happen to it: repeated and overlapping batches, gaps, own lines in
 * between, kill -9 at any moment, a full disk. */
#include "jobs/job_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/ghost_test.h"
#include "store/job_store.h"

#define JOB "00000000000000000000000a"
enum { LINES_MAX = 4096, KILLS = 12 };

typedef struct Lab {
        char folder[64];
        Store *store;
        JobLogs *logs;
} Lab;

static void lab_open(Lab *lab) {
        CLEANUP(free) char *db = xasprintf("%s/ghost.db", lab->folder);
        CLEANUP(free) char *logs = xasprintf("%s/logs", lab->folder);

        assert_ok((lab->store = store_open(&(StoreSpec){ .path = db, .exclusive = true }, err)));
        assert_ok((lab->logs = job_logs_new(&(JobLogsSpec){ .folder = logs, .store = lab->store }, err)));
}

static void lab_close(Lab *lab) {
        job_logs_free(lab->logs);
        store_free(lab->store);
        lab->logs = NULL;
        lab->store = NULL;
}

static int set_up(void **state) {
        Lab *lab = xcalloc(1, sizeof(*lab));

        strncpy(lab->folder, "/tmp/ghost-log-XXXXXX", sizeof(lab->folder) - 1);
        assert_non_null(mkdtemp(lab->folder));
        lab_open(lab);
        *state = lab;
        return 0;
}

static int tear_down(void **state) {
        Lab *lab = *state;

        lab_close(lab);
        assert_ok(file_remove_tree(lab->folder, err));
        free(lab);
        return 0;
}

static char *read_log(const Lab *lab) {
        CLEANUP(free) char *path = xasprintf("%s/logs/" JOB ".txt", lab->folder);
        char *text = NULL;
        size_t length = 0;

        assert_ok(file_read(path, 1 << 24, &text, &length, err));
        assert_int_equal(strlen(text), length);
        return text;
}

/* Lines "<task> line <n>" from first on. */
static bool send(
        JobLogs *logs, const char *task, unsigned first, unsigned count, uint64_t *ret, Error **err) {
        CLEANUP(text_clear) Text lines = { 0 };

        for (unsigned i = first; i < first + count; i++)
                text_appendf(&lines, "%s line %u\n", task, i);
        const JobLogBatch batch = { .job_id = JOB,
                                    .task_id = task,
                                    .instance_id = "i-1",
                                    .first_line = first,
                                    .line_count = count,
                                    .lines = lines.data,
                                    .length = lines.length,
                                    .stream_bytes = (uint64_t) (first + count) * 10 };
        return job_logs_append_batch(logs, &batch, ret, err);
}

static void assert_sent(Lab *lab, const char *task, unsigned first, unsigned count, uint64_t next) {
        uint64_t acknowledged = 0;

        assert_ok(send(lab->logs, task, first, count, &acknowledged, err));
        assert_int_equal(acknowledged, next);
}

static void repeated_batches_are_written_once(void **state) {
        Lab *lab = *state;

        assert_sent(lab, "t", 0, 2, 2);
        assert_sent(lab, "t", 0, 2, 2);
        assert_sent(lab, "t", 1, 3, 4); /* the first is known */
        assert_sent(lab, "t", 9, 1, 4); /* a gap: nothing, and where to go on */
        assert_sent(lab, "u", 0, 1, 1);
        CLEANUP(free) char *text = read_log(lab);
        assert_string_equal(
                text, "[i-1] t line 0\n[i-1] t line 1\n[i-1] t line 2\n[i-1] t line 3\n[i-1] u line 0\n");
}

static void a_batch_that_lies_is_refused(void **state) {
        Lab *lab = *state;
        uint64_t next = 0;
        JobLogBatch batch = { .job_id = JOB,
                              .task_id = "t",
                              .instance_id = "i-1",
                              .line_count = 2,
                              .lines = "one\n",
                              .length = 4 };

        assert_fails(
                ERROR_INVALID, "a log batch has not as many lines as it says",
                job_logs_append_batch(lab->logs, &batch, &next, err));
        batch.lines = "half";
        assert_fails(
                ERROR_INVALID, "a log batch does not end with its line",
                job_logs_append_batch(lab->logs, &batch, &next, err));
        batch.first_line = UINT64_MAX;
        assert_fails(
                ERROR_INVALID, "a log batch has an impossible line number",
                job_logs_append_batch(lab->logs, &batch, &next, err));
        batch = (JobLogBatch){ .job_id = "../../etc/passwd", .task_id = "t", .lines = "", .line_count = 0 };
        assert_fails(
                ERROR_INVALID, "'../../etc/passwd' is not the id of a job",
                job_logs_append_batch(lab->logs, &batch, &next, err));
}

static void the_stream_survives_a_restart(void **state) {
        Lab *lab = *state;

        assert_int_equal(job_logs_stream_bytes(lab->logs, JOB, "t"), 0);
        assert_sent(lab, "t", 0, 3, 3);
        assert_int_equal(job_logs_stream_bytes(lab->logs, JOB, "t"), 30);
        lab_close(lab);
        lab_open(lab);
        assert_int_equal(job_logs_stream_bytes(lab->logs, JOB, "t"), 30);
        assert_sent(lab, "t", 0, 3, 3); /* its ack was lost */
        assert_sent(lab, "t", 3, 1, 4);
        assert_int_equal(job_logs_stream_bytes(lab->logs, JOB, "t"), 40);
        job_logs_finish(lab->logs, JOB);
        assert_sent(lab, "t", 2, 2, 4); /* and again after the end */
        CLEANUP(free) char *text = read_log(lab);
        assert_string_equal(text, "[i-1] t line 0\n[i-1] t line 1\n[i-1] t line 2\n[i-1] t line 3\n");
}

/* The store knows what is to be written where; the controller died before it was. */
static void the_promised_tail_is_written_first(void **state) {
        Lab *lab = *state;
        const char tail[] = "[i-1] t line 1\n[i-1] t line 2\n";

        assert_sent(lab, "t", 0, 1, 1);
        const JobLogAdvance advance = { .job_id = JOB,
                                        .task_id = "t",
                                        .next_line = 3,
                                        .stream_bytes = 30,
                                        .offset = strlen("[i-1] t line 0\n"),
                                        .bytes = tail,
                                        .length = strlen(tail) };
        assert_ok(job_store_log_advance(lab->store, &advance, err));
        lab_close(lab);
        lab_open(lab);
        assert_ok(job_logs_append(lab->logs, JOB, "own", err));
        assert_sent(lab, "t", 1, 2, 3);
        CLEANUP(free) char *text = read_log(lab);
        const char *own = strstr(text, " GMT: own\n");
        assert_non_null(own);
        assert_true(text_starts_with(text, "[i-1] t line 0\n[i-1] t line 1\n[i-1] t line 2\n2"));
        assert_int_equal(strlen(own), strlen(" GMT: own\n"));
}

/* What parent and killed children share. */
typedef struct Shared {
        uint64_t acknowledged;
        uint64_t own; /* own lines that were reported written */
} Shared;

static void child_writes(Lab *lab, Shared *shared) {
        unsigned line = (unsigned) shared->acknowledged;
        uint64_t next = 0;

        lab_open(lab);
        for (; line < LINES_MAX; line = (unsigned) next) {
                unsigned again = line > 2 ? 2 : 0; /* as an agent that does not know of the last ack */
                CLEANUP(free) char *own = NULL;
                if (!send(lab->logs, "t", line - again, again + 1 + line % 5, &next, NULL))
                        _exit(3);
                __atomic_store_n(&shared->acknowledged, next, __ATOMIC_SEQ_CST);
                own = xasprintf("own %llu", (unsigned long long) shared->own);
                if (!job_logs_append(lab->logs, JOB, own, NULL))
                        _exit(4);
                __atomic_add_fetch(&shared->own, 1, __ATOMIC_SEQ_CST);
        }
        _exit(0);
}

/* Every line of the task in order and once; every own line that was reported is there. */
static uint64_t check_killed_log(const char *text, const Shared *shared) {
        uint64_t lines = 0, own = 0;
        CLEANUP(string_list_clear) StringList all = { 0 };

        text_split(text, '\n', &all);
        for (size_t i = 0; i < all.count; i++) {
                CLEANUP(free) char *expected = xasprintf("[i-1] t line %llu", (unsigned long long) lines);
                CLEANUP(free) char *mine = xasprintf(" GMT: own %llu", (unsigned long long) own);
                if (!*all.items[i])
                        continue;
                if (text_equal(all.items[i], expected)) {
                        lines++;
                        continue;
                }
                const char *said = strstr(all.items[i], " GMT: own ");
                if (said && text_equal(said, mine)) {
                        own++;
                        continue;
                }
                /* Written before the kill, not counted before it: the next run says it again. */
                CLEANUP(free) char *former = xasprintf(" GMT: own %llu", (unsigned long long) (own - 1));
                if (!said || !text_equal(said, former))
                        fail_msg("line %zu is '%s', wanted '%s' or '%s'", i, all.items[i], expected, mine);
        }
        assert_true(own >= shared->own);
        return lines;
}

static void a_kill_loses_and_doubles_nothing(void **state) {
        Lab *lab = *state;
        Shared *shared =
                mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        CLEANUP(free) char *before = xstrdup("");
        unsigned killed = 0;

        assert_ptr_not_equal(shared, MAP_FAILED);
        lab_close(lab);
        srandom(7);
        for (int i = 0; i < KILLS; i++) {
                int status = 0;
                pid_t child = fork();
                assert_true(child >= 0);
                if (child == 0)
                        child_writes(lab, shared);
                clock_sleep_ms(15 + random() % 60);
                kill(child, SIGKILL);
                assert_int_equal(waitpid(child, &status, 0), child);
                killed += WIFSIGNALED(status);
                assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);

                lab_open(lab);
                uint64_t bytes = job_logs_stream_bytes(lab->logs, JOB, "t"); /* settles */
                CLEANUP(free) char *text = read_log(lab);
                assert_true(text_starts_with(text, before)); /* an offset means the same byte for ever */
                uint64_t lines = check_killed_log(text, shared);
                assert_true(lines >= shared->acknowledged);
                assert_int_equal(bytes, lines * 10);
                shared->acknowledged = lines - (lines > 3 ? 3 : lines); /* its acks were lost */
                free(before);
                before = xstrdup(text);
                lab_close(lab);
        }
        assert_true(killed > 0 && shared->own > 0);
        munmap(shared, sizeof(*shared));
        lab_open(lab);
}

typedef struct Writer {
        Lab *lab;
        char task[8];
} Writer;

static void *write_many(void *argument) {
        Writer *writer = argument;
        uint64_t next = 0;

        for (unsigned i = 0; i < 40; i++) {
                if (!send(writer->lab->logs, writer->task, i, 1, &next, NULL) || next != i + 1)
                        return writer;
                (void) job_logs_append(writer->lab->logs, JOB, "own", NULL);
                (void) job_logs_stream_bytes(writer->lab->logs, JOB, writer->task);
        }
        return NULL;
}

static void many_agents_write_at_a_time(void **state) {
        Lab *lab = *state;
        Writer writers[4];
        pthread_t threads[4];
        size_t lines = 0;

        for (int i = 0; i < 4; i++) {
                writers[i] = (Writer){ .lab = lab, .task = { (char) ('a' + i) } };
                assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
        }
        for (int i = 0; i < 4; i++) {
                void *failed = NULL;
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        CLEANUP(free) char *text = read_log(lab);
        for (const char *at = text; (at = strchr(at, '\n')); at++)
                lines++;
        assert_int_equal(lines, 4 * 80);
        assert_null(strstr(text, "\n\n"));
}

/* The log has a small disk of its own; the database does not. */
static void a_full_disk_is_said_and_survived(void **state) {
        Lab *lab = *state;
        CLEANUP(free) char *folder = xasprintf("%s/logs", lab->folder);
        CLEANUP(free) char *filler = xasprintf("%s/filler", folder);
        CLEANUP(error_free) Error *full = NULL;
        CLEANUP(error_free) Error *still = NULL;
        CLEANUP(free) char *block = xcalloc(1, 65536);
        uint64_t next = 0;

        if (geteuid() != 0 || mount("tmpfs", folder, "tmpfs", 0, "size=64k,mode=0700") != 0)
                skip();
        assert_sent(lab, "t", 0, 1, 1);
        int file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        while (write(file, block, 4096) > 0)
                ;
        close(file);
        bool sent = send(lab->logs, "t", 1, 600, &next, &full);
        bool own = job_logs_append(lab->logs, JOB, "own", &still);
        uint64_t bytes = job_logs_stream_bytes(lab->logs, JOB, "t");
        (void) unlink(filler);
        bool again = send(lab->logs, "t", 1, 600, &next, NULL);
        bool later = job_logs_append(lab->logs, JOB, "own again", NULL);
        CLEANUP(free) char *text = read_log(lab);
        assert_int_equal(umount2(folder, MNT_DETACH), 0);

        assert_false(sent);
        assert_false(own);
        assert_int_equal(bytes, 0); /* the job does not end on output that is not there */
        assert_non_null(strstr(error_message(full), "no space left on the disk"));
        assert_int_equal(error_kind(full), ERROR_UNAVAILABLE);
        assert_true(again && later);
        assert_int_equal(next, 601);
        uint64_t lines = 0;
        for (const char *at = text; (at = strstr(at, "[i-1] t line ")); at++, lines++)
                assert_int_equal(strtoull(at + strlen("[i-1] t line "), NULL, 10), lines);
        assert_int_equal(lines, 601);
        assert_non_null(strstr(text, "line 600\n2"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(repeated_batches_are_written_once, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_batch_that_lies_is_refused, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_stream_survives_a_restart, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_promised_tail_is_written_first, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_kill_loses_and_doubles_nothing, set_up, tear_down),
                cmocka_unit_test_setup_teardown(many_agents_write_at_a_time, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_full_disk_is_said_and_survived, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("job_log", tests, NULL, NULL);
}
