#include "editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

static const char *variable(const char *name) {
        const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): one thread */

        return text_empty(value) ? NULL : value;
}

bool edited_file_make(const char *text, EditedFile *ret, Error **err) {
        const char *folder = variable("TMPDIR");
        CLEANUP(free) char *path = xasprintf("%s/ghost-edit-XXXXXX.yaml", folder ? folder : "/tmp");
        CLEANUP(file_close) int fd = mkostemps(path, (int) strlen(".yaml"), O_CLOEXEC);

        if (fd < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot make '%s': %s", path, strerror(errno));
        if (!file_write_all(fd, text, strlen(text), err)) {
                (void) unlink(path);
                return false;
        }
        *ret = (EditedFile){ .path = TAKE(path) };
        return true;
}

/* By the shell, for EDITOR may have options ("code --wait"); the path goes in as a parameter. */
static void become_editor(const char *editor, const char *path) {
        CLEANUP(free) char *script = xasprintf("%s \"$1\"", editor);

        (void) signal(SIGPIPE, SIG_DFL);
        (void) signal(SIGINT, SIG_DFL);
        (void) signal(SIGQUIT, SIG_DFL);
        execl("/bin/sh", "sh", "-c", script, "ghost", path, (char *) NULL);
        _exit(127);
}

bool edited_file_open(const EditedFile *file, Error **err) {
        const char *editor = variable("VISUAL") ? variable("VISUAL") : variable("EDITOR");
        int status = 0;

        if (!editor)
                editor = "vi";
        /* Ctrl-C in the editor is the editor's. */
        void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
        void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
        pid_t child = fork();
        if (child == 0)
                become_editor(editor, file->path);
        while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        (void) signal(SIGINT, interrupt);
        (void) signal(SIGQUIT, quit);
        if (child < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot run '%s': %s", editor, strerror(errno));
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return true;
        return error_set(err, ERROR_INVALID, "the editor '%s' did not end well; nothing was changed", editor);
}

void edited_file_clear(EditedFile *file) {
        if (file->path && !file->kept)
                (void) unlink(file->path);
        free(file->path);
        *file = (EditedFile){ 0 };
}
