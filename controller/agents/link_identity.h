/* Who the controller is to its agents: its own certificate authority, the server certificate signed by it,
 * and the release key that signs orders and packages. Kept in data_dir/tls (folder 0700, keys 0600), made at
 * first start. Read-only after opening; may be used from any thread. */
#pragma once

#include "base/certificate.h"
#include "base/crypto.h"

/* The name in the server certificate; agents check for it, whatever address they dialled. */
#define LINK_SERVER_NAME "ghost-controller"

typedef struct LinkIdentity LinkIdentity;

/* Makes what is missing. The server certificate is made again when it is about to run out; authority and
 * release key never are, for every agent out there believes in them: a damaged one is an error that names the
 * file. */
LinkIdentity *link_identity_open(const char *folder, Error **err);
void link_identity_free(LinkIdentity *identity);
CLEANUP_DEFINE(LinkIdentity, link_identity_free);

const Authority *link_identity_authority(const LinkIdentity *identity);
const char *link_identity_server_certificate(const LinkIdentity *identity); /* PEM */
const char *link_identity_server_key(const LinkIdentity *identity);         /* PEM */
const SigningKey *link_identity_release_key(const LinkIdentity *identity);
