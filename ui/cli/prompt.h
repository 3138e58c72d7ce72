/* Questions to the person at the terminal. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Somebody is there to answer. */
bool prompt_possible(void);

/* "what: " on standard error, one line back; hidden: not shown while typed. Caller frees. */
bool prompt_ask(const char *what, bool hidden, char **ret, Error **err);

/* A password that is there already: asked for at a terminal, else the next line of standard input. Caller
 * frees and wipes. */
bool prompt_password(const char *what, char **ret, Error **err);

/* A new password: asked for twice at a terminal, else the next line of standard input. Caller frees and
 * wipes. */
bool prompt_new_password(const char *what, char **ret, Error **err);
