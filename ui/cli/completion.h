/* Shell completion, printed from the command table: the program is not asked while typing, except for names
 * that only the controller knows ("ghost --complete APP"). */
#pragma once

#include <stdio.h>

#include "cli_command.h"

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

/* What `ghost --complete WORD` prints: NAME/ENV/ROLE of applications for "APP", ids for JOB, DEPLOYMENT,
 * WEBHOOK, INSTANCE, one a line; nothing for another word. */
bool completion_print_names(Client *client, const char *word, Error **err);
/* Whether a command's word is one that completion_print_names() knows. */
bool completion_knows(const char *word);

/* An option's value is a path. */
bool completion_is_file(const char *argument);

/* text in '…', for a shell; escape: characters that get a backslash as well. */
void completion_quote(const char *text, const char *escape, FILE *out);
