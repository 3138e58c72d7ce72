#include "run/hook.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"

/* Another thread's fork may hold our just written file open for a moment: the kernel then refuses to run it.
 */
enum { BUSY_TRIES = 50, BUSY_WAIT_MS = 20, HOOK_GRACE_MS = 5000 };

bool hook_variable_valid(const char *name) {
        if (!isalpha((unsigned char) *name) && *name != '_')
                return false;
        for (; *name; name++)
                if (!isalnum((unsigned char) *name) && *name != '_')
                        return false;
        return true;
}

static bool has_variable(const StringList *environment, const char *name) {
        size_t length = strlen(name);

        for (size_t i = 0; i < environment->count; i++)
                if (strncmp(environment->items[i], name, length) == 0 && environment->items[i][length] == '=')
                        return true;
        return false;
}

static void full_environment(const HookSpec *spec, StringList *ret) {
        static const char *const defaults[][2] = {
                { "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
                { "LANG", "C.UTF-8" },
        };

        for (size_t i = 0; i < spec->environment->count; i++)
                string_list_add(ret, spec->environment->items[i]);
        for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
                if (!has_variable(ret, defaults[i][0]))
                        string_list_addf(ret, "%s=%s", defaults[i][0], defaults[i][1]);
        bool as_root = spec->uid == 0 || (spec->uid == PROCESS_KEEP_ID && geteuid() == 0);
        if (!has_variable(ret, "HOME"))
                string_list_addf(ret, "HOME=%s", as_root ? "/root" : "/");
}

static bool give_to(const HookSpec *spec, const char *path, Error **err) {
        if (spec->uid == PROCESS_KEEP_ID || geteuid() != 0)
                return true;
        if (chown(path, (uid_t) spec->uid, (gid_t) (spec->gid == PROCESS_KEEP_ID ? -1 : spec->gid)) == 0)
                return true;
        return error_set(err, ERROR_INTERNAL, "owner of %s: %s", path, strerror(errno));
}

/* A folder that only the hook's user can enter, so that names in it need not be guarded against anyone. */
static bool put_program(const HookSpec *spec, const char *folder, const char *program, Error **err) {
        if (!file_make_folders(spec->scratch, 0711, err))
                return false;
        if (mkdir(folder, 0700) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", folder, strerror(errno));

        CLEANUP(file_close)
        int fd = open(program, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0700);
        if (fd < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", program, strerror(errno));
        return file_write_all(fd, spec->content, spec->content_length, err) && give_to(spec, program, err) &&
               give_to(spec, folder, err);
}

static void on_output(void *context, const char *bytes, size_t length) {
        const HookSpec *spec = context;

        spool_append(spec->spool, bytes, length);
}

static bool is_cancelled(void *context) {
        const HookSpec *spec = context;

        return spec->cancelled && atomic_load(spec->cancelled);
}

static bool run_program(
        const HookSpec *spec, const char *program, const char *folder, ProcessResult *ret, Error **err) {
        CLEANUP(string_list_clear) StringList environment = { 0 };
        const char *const argv[] = { program, NULL };

        full_environment(spec, &environment);
        const ProcessSpec process = {
                .argv = argv,
                .environment = (const char *const *) environment.items,
                .folder = spec->folder ? spec->folder : folder,
                .uid = spec->uid,
                .gid = spec->gid,
                .deadline = spec->deadline,
                .grace_ms = HOOK_GRACE_MS,
                .on_output = on_output,
                .cancelled = is_cancelled,
                .context = (void *) spec,
        };
        for (int tries = 1;; tries++) {
                CLEANUP(error_free) Error *problem = NULL;
                if (process_run(&process, ret, &problem))
                        return true;
                if (tries >= BUSY_TRIES || !strstr(error_message(problem), strerror(ETXTBSY))) {
                        *err = TAKE(problem);
                        return false;
                }
                clock_sleep_ms(BUSY_WAIT_MS);
        }
}

static int32_t exit_code(const ProcessResult *result) {
        if (result->end == PROCESS_EXITED)
                return result->code;
        return result->end == PROCESS_SIGNALLED ? -result->code : -SIGTERM;
}

static bool judge(const HookSpec *spec, const ProcessResult *result, Error **err) {
        if (result->survivors_ended > 0)
                spool_say(
                        spec->spool, "%s left %u process(es) behind: ended", spec->name,
                        result->survivors_ended);
        if (result->end == PROCESS_EXITED && result->code == 0)
                return true;

        CLEANUP(free) char *how = process_result_describe(result);
        ErrorKind kind = result->end == PROCESS_TIMED_OUT   ? ERROR_TIMEOUT
                         : result->end == PROCESS_CANCELLED ? ERROR_CANCELLED
                                                            : ERROR_INTERNAL;
        return error_set(err, kind, "%s %s", spec->name, how);
}

bool hook_run(const HookSpec *spec, int32_t *ret_exit_code, uint32_t *ret_duration_ms, Error **err) {
        CLEANUP(free) char *id = crypto_random_hex(12), *folder = xasprintf("%s/%s", spec->scratch, id);
        CLEANUP(free) char *program = xasprintf("%s/%s", folder, spec->name);
        CLEANUP(error_free) Error *ignored = NULL;
        ProcessResult result = { 0 };

        *ret_exit_code = -1;
        *ret_duration_ms = 0;
        bool ran =
                put_program(spec, folder, program, err) && run_program(spec, program, folder, &result, err);
        spool_end_line(spec->spool);
        file_remove_tree(folder, &ignored);
        if (!ran)
                return error_prefix(err, "%s", spec->name);
        *ret_exit_code = exit_code(&result);
        *ret_duration_ms = (uint32_t) result.duration_ms;
        return judge(spec, &result, err);
}
