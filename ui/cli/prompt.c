#include "prompt.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

enum { ANSWER_MAX_BYTES = 1024 };

static struct termios saved_terminal;

/* A terminal must not stay silent because the question was broken off. */
static void show_again(int number) {
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_terminal);
        (void) signal(number, SIG_DFL);
        (void) raise(number);
}

static bool hide(void) {
        struct termios silent;

        if (tcgetattr(STDIN_FILENO, &saved_terminal) != 0)
                return false;
        silent = saved_terminal;
        silent.c_lflag &= ~(tcflag_t) ECHO;
        (void) signal(SIGINT, show_again);
        (void) signal(SIGTERM, show_again);
        return tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
}

static void show(void) {
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_terminal);
        (void) signal(SIGINT, SIG_DFL);
        (void) signal(SIGTERM, SIG_DFL);
        (void) fputc('\n', stderr);
}

bool prompt_possible(void) {
        return isatty(STDIN_FILENO);
}

static bool read_line(const char *what, char **ret, Error **err) {
        char answer[ANSWER_MAX_BYTES];
        char *line = fgets(answer, sizeof(answer), stdin);

        if (!line)
                return error_set(err, ERROR_INVALID, "no %s given", what);
        line[strcspn(line, "\r\n")] = '\0';
        *ret = xstrdup(line);
        crypto_wipe(answer, sizeof(answer));
        return true;
}

bool prompt_ask(const char *what, bool hidden, char **ret, Error **err) {
        bool silent = hidden && hide(); /* before anybody can have begun to type */

        (void) fprintf(stderr, "%s: ", what);
        (void) fflush(stderr);
        bool ok = read_line(what, ret, err);
        if (silent)
                show();
        return ok;
}

bool prompt_password(const char *what, char **ret, Error **err) {
        return prompt_possible() ? prompt_ask(what, true, ret, err) : read_line(what, ret, err);
}

static bool agree(char *first, char *second, Error **err) {
        bool same = strcmp(first, second) == 0;

        crypto_wipe(second, strlen(second));
        if (same)
                return true;
        crypto_wipe(first, strlen(first));
        return error_set(err, ERROR_INVALID, "the two are not the same");
}

bool prompt_new_password(const char *what, char **ret, Error **err) {
        CLEANUP(free) char *first = NULL;
        CLEANUP(free) char *second = NULL;

        if (!prompt_possible())
                return read_line(what, ret, err);
        if (!prompt_ask(what, true, &first, err) || !prompt_ask("again", true, &second, err) ||
            !agree(first, second, err))
                return false;
        *ret = TAKE(first);
        return true;
}
