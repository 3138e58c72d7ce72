/* Who this agent is to its controller: made when it enrols, kept in one file (0600) in state_dir. Belongs to
 * one instance: on another, which was booted from this one's image, it is not read. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/error.h"

typedef struct Identity {
        char *agent_id;
        char *instance_id;
        char *key;                           /* PEM */
        char *certificate;                   /* PEM */
        char *controller, *server_name, *ca; /* whom it enrolled with, for a boot without metadata */
        uint8_t release_key[ED25519_KEY_BYTES];

        /* PEM; what it enrols with, until it has, not in the file. A token goes with one request alone, and
         * the answer to it may be lost. */
        char *new_key, *request;
} Identity;

void identity_clear(Identity *identity);
static inline void identity_clearp(Identity *identity) {
        identity_clear(identity);
}

/* No file, one of another instance, or a damaged one (said in the log): an empty identity. */
bool identity_read(const char *file, const char *instance_id, Identity *ret, Error **err);
bool identity_write(const char *file, const Identity *identity, Error **err);
/* Has enrolled, and its certificate still holds. */
bool identity_usable(const Identity *identity);
/* The certificate is past half of its life. */
bool identity_renewal_due(const Identity *identity);
