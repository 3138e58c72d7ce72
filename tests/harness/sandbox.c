#include "harness/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "net/http_client.h"
#include "json/document.h"

enum { START_TIMEOUT_MS = 20000, MAX_BYTES = 1 << 20 };

struct Sandbox {
        pid_t pid;
        char *folder;
        Document *facts;
};

static Document *read_facts(const char *folder) {
        CLEANUP(error_free) Error *error = NULL, *damaged = NULL;
        CLEANUP(free) char *path = xasprintf("%s/state/sandbox.json", folder), *content = NULL;
        size_t length;

        if (!file_read(path, MAX_BYTES, &content, &length, &error))
                return NULL;
        return document_parse(content, length, &damaged);
}

static void run_child(const char *program, const char *folder) {
        CLEANUP(free) char *state = xasprintf("%s/state", folder), *output = xasprintf("%s/output", folder);
        int fd = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        /* By its whole name: it looks for its library by what it is called, and another python3 may come
         * first in PATH. */
        execl("/usr/bin/python3", "/usr/bin/python3", program, "--state-dir", state, "--no-boot", "--speed",
              "500", "--isolation", "directory", (char *) NULL);
        _exit(127);
}

Sandbox *sandbox_start(void) {
        const char *root = getenv("GHOST_SOURCE_ROOT");
        CLEANUP(free) char *program = xasprintf("%s/tests/sandbox/ghost-sandbox", root ? root : ".");
        Deadline deadline = deadline_after_ms(START_TIMEOUT_MS);
        char folder[] = "/tmp/ghost-sandbox-XXXXXX";

        if (!file_exists(program) || !file_exists("/usr/bin/python3") || !mkdtemp(folder))
                return NULL;
        Sandbox *sandbox = xcalloc(1, sizeof(*sandbox));
        sandbox->folder = xstrdup(folder);
        sandbox->pid = fork();
        if (sandbox->pid == 0)
                run_child(program, folder);
        while (!sandbox->facts && !deadline_passed(deadline)) {
                sandbox->facts = read_facts(folder);
                if (sandbox->facts)
                        break;
                if (waitpid(sandbox->pid, NULL, WNOHANG) != 0) {
                        sandbox->pid = 0;
                        break;
                }
                clock_sleep_ms(20);
        }
        if (sandbox->facts)
                return sandbox;
        sandbox_stop(sandbox);
        return NULL;
}

void sandbox_stop(Sandbox *sandbox) {
        CLEANUP(error_free) Error *error = NULL;

        if (sandbox->pid > 0) {
                kill(sandbox->pid, SIGTERM);
                waitpid(sandbox->pid, NULL, 0);
        }
        file_remove_tree(sandbox->folder, &error);
        document_free(sandbox->facts);
        free(sandbox->folder);
        free(sandbox);
}

const char *sandbox_value(const Sandbox *sandbox, const char *name) {
        return document_get_string(sandbox->facts, name);
}

/* Of its own door; ends the test when it is not open. Caller frees what is answered. */
static char *ask(Sandbox *sandbox, const char *method, const char *what, const char *body) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(http_client_free)
        HttpClient *http = http_client_new(&(HttpClientOptions){ .no_proxy = true });
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(free) char *url = xasprintf("%s/_sandbox/%s", sandbox_value(sandbox, "endpoint"), what);
        HttpRequest request = { .method = method,
                                .url = url,
                                .headers = (const char *const[]){ "Content-Type: application/json", NULL },
                                .body = body,
                                .body_length = body ? strlen(body) : 0,
                                .max_body_bytes = MAX_BYTES };

        if (!http_client_send(http, &request, &response, &error) || response.status / 100 != 2) {
                fprintf(stderr, "%s: %s\n", url, error ? error_message(error) : response.body);
                abort();
        }
        return TAKE(response.body);
}

void sandbox_fault(Sandbox *sandbox, const char *rule) {
        free(ask(sandbox, rule ? "POST" : "DELETE", "faults", rule));
}

size_t sandbox_count_calls(Sandbox *sandbox, const char *action, const char *path, int status) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *text = ask(sandbox, "GET", "calls", NULL);
        CLEANUP(document_free) Document *answer = document_parse(text, strlen(text), &error);
        const Document *calls = document_get(answer, "calls");
        size_t count = 0;

        for (size_t i = 0; i < document_count(calls); i++) {
                const Document *call = document_at(calls, i);

                count += text_equal(document_get_string(call, "action"), action) &&
                         text_starts_with(document_get_string(call, "path"), path) &&
                         (status == 0 || document_get_int(call, "status") == status);
        }
        return count;
}
