/* Accounts from the store for the HTTP server, and roles as rights. */
#pragma once

#include "api/services.h"
#include "http/auth.h"

Right account_right(const char *role); /* RIGHT_NONE: no role */
const char *account_role(Right right); /* "" for nobody */

/* Sessions and tokens are kept as their SHA-256. Caller frees. */
char *account_secret_hash(const char *secret);
