#include "sources/build_pack.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"

enum { LINE_MAX_BYTES = 8192, USER_BUFFER_BYTES = 16384 };

typedef struct Output {
        const BuildPackSpec *spec;
        Text line;  /* not yet complete */
        Text ready; /* complete lines */
} Output;

static void end_line(Output *output) {
        if (output->line.length > 0)
                text_appendf(&output->ready, "%s%s", output->ready.length ? "\n" : "", output->line.data);
        text_clear(&output->line);
}

static void flush(Output *output) {
        if (output->ready.length > 0 && output->spec->log)
                output->spec->log(output->spec->context, output->ready.data);
        text_clear(&output->ready);
}

/* Binary output becomes readable, and a line without end is cut. What came together is logged together: a log
 * that is synced to the disk for each line would slow down a build pack that prints much. */
static void on_output(void *context, const char *bytes, size_t length) {
        Output *output = context;

        for (size_t i = 0; i < length; i++) {
                char byte = bytes[i];
                if (byte == '\n' || output->line.length >= LINE_MAX_BYTES)
                        end_line(output);
                if (byte == '\0' || byte == '\r')
                        byte = ' ';
                if (byte != '\n')
                        text_append_bytes(&output->line, &byte, 1);
        }
        flush(output);
}

static bool should_stop(void *context) {
        const BuildPackSpec *spec = ((Output *) context)->spec;

        return spec->cancelled && spec->cancelled(spec->context);
}

static bool find_user(const char *name, int64_t *ret_uid, int64_t *ret_gid, Error **err) {
        CLEANUP(free) char *buffer = xcalloc(1, USER_BUFFER_BYTES);
        struct passwd user, *found = NULL;

        *ret_uid = *ret_gid = PROCESS_KEEP_ID;
        if (text_empty(name))
                return true;
        if (getpwnam_r(name, &user, buffer, USER_BUFFER_BYTES, &found) != 0 || !found)
                return error_set(err, ERROR_INVALID, "build_pack.user: there is no user '%s'", name);
        *ret_uid = (int64_t) user.pw_uid;
        *ret_gid = (int64_t) user.pw_gid;
        return true;
}

/* The user must be able to change what it builds. */
static bool give_folder(const char *folder, int64_t uid, int64_t gid, Error **err) {
        CLEANUP(free) char *owner = xasprintf("%lld:%lld", (long long) uid, (long long) gid);
        const char *const argv[] = { "chown", "-R", "-h", owner, "--", folder, NULL };
        const char *const environment[] = { NULL };
        ProcessSpec spec = { .argv = argv,
                             .environment = environment,
                             .uid = PROCESS_KEEP_ID,
                             .gid = PROCESS_KEEP_ID,
                             .deadline = deadline_after_ms(600000),
                             .output_max_bytes = 65536 };

        return uid == PROCESS_KEEP_ID || process_capture(&spec, NULL, err);
}

static void make_environment(const BuildPackSpec *spec, StringList *ret) {
        string_list_add(ret, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        string_list_add(ret, "LANG=C.UTF-8");
        string_list_addf(ret, "HOME=%s", spec->script_folder);
        string_list_addf(ret, "TMPDIR=%s", spec->script_folder);
        for (size_t i = 0; spec->environment && i < spec->environment->count; i++)
                string_list_add(ret, spec->environment->items[i]);
}

static bool run(const BuildPackSpec *spec, const char *path, Error **err) {
        CLEANUP(string_list_clear) StringList environment = { 0 };
        bool own_interpreter = spec->length > 2 && memcmp(spec->script, "#!", 2) == 0;
        const char *const direct[] = { path, NULL };
        const char *const by_bash[] = { "bash", path, NULL };
        Output output = { .spec = spec };
        ProcessResult result = { 0 };

        make_environment(spec, &environment);
        ProcessSpec process = { .argv = own_interpreter ? direct : by_bash,
                                .environment = (const char *const *) environment.items,
                                .folder = spec->folder,
                                .deadline =
                                        deadline_earlier(spec->deadline, deadline_after_ms(spec->timeout_ms)),
                                .output_max_bytes = spec->output_max_bytes,
                                .on_output = on_output,
                                .cancelled = should_stop,
                                .context = &output };
        if (!find_user(spec->user, &process.uid, &process.gid, err) ||
            !give_folder(spec->folder, process.uid, process.gid, err) ||
            !give_folder(spec->script_folder, process.uid, process.gid, err))
                return error_prefix(err, "%s", spec->name);
        bool ran = process_run(&process, &result, err);
        end_line(&output);
        flush(&output);
        if (!ran)
                return error_prefix(err, "%s", spec->name);
        if (result.survivors_ended > 0 && spec->log)
                spec->log(spec->context, "Processes it had left behind were ended");
        if (result.end == PROCESS_EXITED && result.code == 0)
                return true;
        CLEANUP(free) char *how = process_result_describe(&result);
        return error_set(
                err,
                result.end == PROCESS_CANCELLED   ? ERROR_CANCELLED
                : result.end == PROCESS_TIMED_OUT ? ERROR_TIMEOUT
                                                  : ERROR_INVALID,
                "%s %s", spec->name, how);
}

bool build_pack_run(const BuildPackSpec *spec, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s.script", spec->script_folder, spec->name);

        if (!file_write_atomic(path, spec->script, spec->length, 0700, err))
                return error_prefix(err, "%s", spec->name);
        bool ok = run(spec, path, err);
        unlink(path);
        return ok;
}
