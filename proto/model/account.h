/* Accounts: what a user, an API token and a login may look like, as tables; and what the roles are. */
#pragma once

#include "json/schema.h"

enum {
        ACCOUNT_PASSWORD_MIN = 8,
        ACCOUNT_PASSWORD_MAX = 256,
        TOKEN_DAYS = 365, /* how long a token is good for unless said otherwise */
        TOKEN_DAYS_MAX = 3650,
};

extern const Schema user_schema;      /* { name, role, password } */
extern const Schema user_edit_schema; /* { role, password, old_password } */
extern const Schema token_schema;     /* { name, user, role, expires, … } */
extern const Schema login_schema;     /* { name, password } */

/* admin, operator, viewer; NULL-terminated. */
extern const char *const account_roles[];

bool account_role_valid(const char *role);
/* Whether a role allows no more than another. */
bool account_role_within(const char *role, const char *limit);
/* 1 to 64 letters, digits and _ . @ - */
bool account_name_valid(const char *name);
