/* The two addresses: free for a controller that is to start, taken by the one that runs. */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"

/* Of "127.0.0.1:5000" and "[::]:5000". */
static struct addrinfo *resolve(const char *address) {
        const char *colon = strrchr(address, ':');
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
        struct addrinfo *found = NULL;
        bool brackets = address[0] == '[' && colon > address + 1 && colon[-1] == ']';

        if (!colon)
                return NULL;
        CLEANUP(free)
        char *host = xstrndup(address + brackets, (size_t) (colon - address) - 2 * (size_t) brackets);
        return getaddrinfo(*host ? host : NULL, colon + 1, &hints, &found) == 0 ? found : NULL;
}

/* 0: it could be listened on; else why not. */
static int try(const struct addrinfo *address) {
        int yes = 1;
        CLEANUP(file_close) int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return errno;
        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
        return bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, 1) == 0 ? 0 : errno;
}

static void look_at(CheckContext *check, const char *setting, const char *address) {
        struct addrinfo *found = resolve(address);

        if (!found) {
                finding_problem(
                        check->findings, "give an address of this machine and a port",
                        "%s: '%s' is no address", setting, address);
                return;
        }
        int reason = try(found);
        freeaddrinfo(found);
        if (reason == EADDRINUSE && check->running)
                finding_good(check->findings, "%s %s: a controller listens", setting, address);
        else if (reason == EADDRINUSE)
                finding_problem(
                        check->findings, "end the program that has it (ss -ltnp), or choose another port",
                        "%s %s is taken by another program", setting, address);
        else if (reason)
                finding_problem(
                        check->findings, "give an address of this machine, and a port that its user may use",
                        "%s %s: %s", setting, address, strerror(reason));
        else if (check->running)
                finding_warning(
                        check->findings, "look at its log: it may be starting or stopping",
                        "%s %s: a controller runs and does not listen there", setting, address);
        else
                finding_good(check->findings, "%s %s is free", setting, address);
}

static void run(CheckContext *check) {
        look_at(check, "http.listen", check->settings->http_listen);
        look_at(check, "link.listen", check->settings->link_listen);
}

const Check listen_check = { "listen", run };
