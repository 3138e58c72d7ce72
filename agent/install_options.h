/* What `ghost-agent install` and `ghost-agent uninstall` are told on the command line. */
#pragma once

#include "base/error.h"
#include "base/text.h"

typedef struct InstallOptions {
        char *root; /* "" for this machine, else a folder without a slash at its end */
        bool no_start, purge;
        StringList settings; /* "key=value": what agent.conf shall say */
        char *token_file, *ca_file, *ca_fingerprint;
} InstallOptions;
void install_options_clear(InstallOptions *value);
static inline void install_options_clearp(InstallOptions *options) {
        install_options_clear(options);
}

extern const char install_help[], uninstall_help[];

/* words: what follows "install", NULL-terminated. Reads the files that they name. */
bool install_options_read(char *const *words, InstallOptions *ret, Error **err);
bool uninstall_options_read(char *const *words, InstallOptions *ret, Error **err);
