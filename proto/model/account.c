#include "model/account.h"

#include <string.h>

#define NAME_PATTERN "^[a-zA-Z0-9_.@-]+$"
enum { NAME_MAX_BYTES = 64 };

/* The most powerful first. */
const char *const account_roles[] = { "admin", "operator", "viewer", NULL };

static const SchemaField user_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, NAME_PATTERN, .max = NAME_MAX_BYTES },
        { "role", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .words = account_roles },
        { "password", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT | SCHEMA_WRITE_ONLY, "^.{8,}$",
          .shown_pattern = "at least 8 characters", .max = ACCOUNT_PASSWORD_MAX },
};
const Schema user_schema = SCHEMA(user_fields);

static const SchemaField user_edit_fields[] = {
        { "role", SCHEMA_STRING, .words = account_roles },
        { "password", SCHEMA_STRING, SCHEMA_WRITE_ONLY, "^.{8,}$", .shown_pattern = "at least 8 characters",
          .max = ACCOUNT_PASSWORD_MAX },
        { "old_password", SCHEMA_STRING, SCHEMA_WRITE_ONLY, .max = ACCOUNT_PASSWORD_MAX },
};
const Schema user_edit_schema = SCHEMA(user_edit_fields);

static const SchemaField token_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, NAME_PATTERN, .max = NAME_MAX_BYTES },
        { "user", SCHEMA_STRING, 0, NAME_PATTERN, .max = NAME_MAX_BYTES },
        { "role", SCHEMA_STRING, .words = account_roles },
        { "expires", SCHEMA_STRING, .max = 64 },
        { "last_used", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "token", SCHEMA_STRING, SCHEMA_READ_ONLY }, /* in the answer that made it, and never again */
};
const Schema token_schema = SCHEMA(token_fields);

static const SchemaField login_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .max = NAME_MAX_BYTES },
        { "password", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT | SCHEMA_WRITE_ONLY,
          .max = ACCOUNT_PASSWORD_MAX },
};
const Schema login_schema = SCHEMA(login_fields);

/* The higher the more; what is no role is less than all. */
static int rank_of(const char *role) {
        for (int i = 0; account_roles[i]; i++)
                if (strcmp(account_roles[i], role) == 0)
                        return -i;
        return -100;
}

bool account_role_valid(const char *role) {
        for (size_t i = 0; account_roles[i]; i++)
                if (strcmp(account_roles[i], role) == 0)
                        return true;
        return false;
}

bool account_role_within(const char *role, const char *limit) {
        return rank_of(role) <= rank_of(limit);
}

bool account_name_valid(const char *name) {
        return *name && strlen(name) <= NAME_MAX_BYTES &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-") ==
                       strlen(name);
}
