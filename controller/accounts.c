#include "accounts.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/account.h"
#include "store/audit_store.h"
#include "store/token_store.h"
#include "store/user_store.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, TOKEN_BYTES = 32, WORDS_MAX = 4 };

static const char usage_head[] = "Usage: ghost-controller [--config FILE] COMMAND\n\n";

/* Positional words only; options' values apart. */
typedef struct Words {
        const char *at[WORDS_MAX];
        int count;
        const char *role, *days;
        char *password_hash;
} Words;

static void words_clearp(Words *words) {
        free(words->password_hash);
}

/* The trail knows who did it only as far as the machine's owner let them. */
static bool note(
        Store *store, const char *action, const char *target, const Document *before, const Document *after,
        Error **err) {
        const AuditEntry entry = {
                .user = "ghost-controller",
                .via = "command",
                .action = action,
                .target = target,
                .before = before,
                .after = after,
        };

        return audit_store_add(store, &entry, err);
}

static bool check_name(const char *what, const char *name, Error **err) {
        return account_name_valid(name) ||
               error_set(
                       err, ERROR_INVALID, "%s '%s': letters, digits and _ . @ - only, 64 at most", what,
                       name);
}

static bool check_role(const char *role, Error **err) {
        return account_role_valid(role) ||
               error_set(err, ERROR_INVALID, "--role: admin, operator or viewer, not '%s'", role);
}

static bool read_password(char *buffer, size_t size, Error **err) {
        if (isatty(STDIN_FILENO))
                (void) fputs("Password: ", stderr);
        if (!fgets(buffer, (int) size, stdin))
                return error_set(err, ERROR_INVALID, "no password on standard input");
        buffer[strcspn(buffer, "\r\n")] = '\0';
        if (strlen(buffer) < ACCOUNT_PASSWORD_MIN || strlen(buffer) > ACCOUNT_PASSWORD_MAX)
                return error_set(
                        err, ERROR_INVALID, "the password needs %d characters at least, %d at most",
                        ACCOUNT_PASSWORD_MIN, ACCOUNT_PASSWORD_MAX);
        return true;
}

/* Caller frees. NULL with *err. */
static char *read_password_hash(Error **err) {
        char password[ACCOUNT_PASSWORD_MAX + 3]; /* a line end, and one too many */

        if (!read_password(password, sizeof(password), err))
                return NULL;
        char *hash = password_hash(password);
        crypto_wipe(password, sizeof(password));
        return hash;
}

static bool add_user(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        const char *name = words->at[2];

        if (!check_name("user", name, err) || !check_role(words->role, err))
                return false;
        const User user = { .name = (char *) name,
                            .role = (char *) words->role,
                            .password_hash = words->password_hash };
        if (!user_store_put(store, &user, err) || !user_store_find(store, name, &stored, err) ||
            !note(store, "user create", name, NULL, stored, err))
                return false;
        (void) printf("user %s (%s) added\n", name, words->role);
        return true;
}

static bool list_users(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *users = NULL;

        (void) words;
        if (!user_store_list(store, &users, err))
                return false;
        for (size_t i = 0; i < document_count(users); i++) {
                const Document *user = document_at(users, i);

                (void) printf(
                        "%-20s %s\n", document_get_string(user, "name"), document_get_string(user, "role"));
        }
        return true;
}

static bool remove_user(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *user = NULL;
        const char *name = words->at[2];

        if (!user_store_find(store, name, &user, err) || !user_store_remove(store, name, err) ||
            !note(store, "user delete", name, user, NULL, err))
                return false;
        (void) printf("user %s removed\n", name);
        return true;
}

static bool set_password(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *user = NULL;
        const char *name = words->at[2];

        if (!user_store_find(store, name, &user, err) ||
            !user_store_set_password(store, name, words->password_hash, err) ||
            !note(store, "user password", name, user, user, err))
                return false;
        (void) printf("user %s has a new password\n", name);
        return true;
}

static bool set_role(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *before = NULL;
        CLEANUP(document_free) Document *after = NULL;
        const char *name = words->at[2], *role = words->at[3];

        if (!check_role(role, err) || !user_store_find(store, name, &before, err) ||
            !user_store_set_role(store, name, role, err) || !user_store_find(store, name, &after, err) ||
            !note(store, "user update", name, before, after, err))
                return false;
        (void) printf("user %s is %s now\n", name, role);
        return true;
}

static bool read_days(const Words *words, int64_t *ret_end_us, Error **err) {
        uint64_t days = TOKEN_DAYS;

        if (words->days && !text_parse_uint(words->days, 1, TOKEN_DAYS_MAX, &days, err))
                return error_prefix(err, "--days");
        *ret_end_us = clock_now_us() + (int64_t) days * 86400 * 1000000;
        return true;
}

static bool add_token(Store *store, const Words *words, Error **err) {
        CLEANUP(user_clear) User user = { 0 };
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(free) char *secret = crypto_random_hex(TOKEN_BYTES);
        CLEANUP(free) char *hash = crypto_sha256_hex(secret, strlen(secret));
        NewToken token = { .hash = hash,
                           .user = words->at[2],
                           .name = words->at[3] ? words->at[3] : "token" };

        if (!user_store_get(store, token.user, &user, err) || !check_name("token", token.name, err) ||
            !read_days(words, &token.expires_us, err))
                return false;
        token.role = words->role ? words->role : user.role;
        if (!check_role(token.role, err))
                return false;
        if (!token_store_insert(store, &token, &stored, err) ||
            !note(store, "token create", document_get_string(stored, "_id"), NULL, stored, err))
                return false;
        (void) printf("%s\n", secret);
        return true;
}

static bool list_tokens(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *where = words->at[2] ? document_object() : NULL;
        CLEANUP(document_free) Document *tokens = NULL;

        if (where)
                document_set_string(where, "user", words->at[2]);
        if (!collection_find(store, COLLECTION_TOKENS, where, &tokens, err))
                return false;
        for (size_t i = 0; i < document_count(tokens); i++) {
                const Document *token = document_at(tokens, i);

                (void) printf(
                        "%s  %-20s %-20s %-9s %s\n", document_get_string(token, "_id"),
                        document_get_string(token, "user"), document_get_string(token, "name"),
                        document_get_string(token, "role"), document_get_string(token, "expires"));
        }
        return true;
}

static bool remove_token(Store *store, const Words *words, Error **err) {
        CLEANUP(document_free) Document *token = NULL;
        const char *id = words->at[2];

        if (!collection_get(store, COLLECTION_TOKENS, id, &token, err) ||
            !token_store_remove(store, id, err) || !note(store, "token delete", id, token, NULL, err))
                return false;
        (void) printf("token %s removed\n", id);
        return true;
}

static const struct {
        const char *noun, *verb;
        int least, most; /* words, these two counted */
        bool needs_role, asks_password;
        bool (*run)(Store *store, const Words *words, Error **err);
        const char *usage;
} rows[] = {
        { "user", "add", 3, 3, true, true, add_user,
          "NAME --role admin|operator|viewer (password: standard input)" },
        { "user", "list", 2, 2, false, false, list_users, "" },
        { "user", "password", 3, 3, false, true, set_password, "NAME (password: standard input)" },
        { "user", "role", 4, 4, false, false, set_role, "NAME admin|operator|viewer" },
        { "user", "remove", 3, 3, false, false, remove_user, "NAME" },
        { "token", "add", 3, 4, false, false, add_token, "USER [NAME] [--role ROLE] [--days N]" },
        { "token", "list", 2, 3, false, false, list_tokens, "[USER]" },
        { "token", "remove", 3, 3, false, false, remove_token, "ID" },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static int say_usage(void) {
        (void) fputs(usage_head, stderr);
        for (size_t i = 0; i < ROWS; i++)
                (void) fprintf(stderr, "  %s %-9s %s\n", rows[i].noun, rows[i].verb, rows[i].usage);
        return EXIT_USAGE;
}

/* "--name VALUE" and "--name=VALUE"; *ret_value stays as it is for other words. */
static bool take_option(char **words, int count, int *at, const char *name, const char **ret_value) {
        size_t length = strlen(name);

        if (strcmp(words[*at], name) == 0 && *at + 1 < count) {
                *ret_value = words[++*at];
                return true;
        }
        if (strncmp(words[*at], name, length) != 0 || words[*at][length] != '=')
                return false;
        *ret_value = words[*at] + length + 1;
        return true;
}

static bool sort_words(int count, char **words, Words *ret) {
        for (int i = 0; i < count; i++) {
                if (take_option(words, count, &i, "--role", &ret->role) ||
                    take_option(words, count, &i, "--days", &ret->days))
                        continue;
                if (words[i][0] == '-' || ret->count == WORDS_MAX)
                        return false;
                ret->at[ret->count++] = words[i];
        }
        return ret->count >= 2;
}

/* ROWS: wrong use. */
static size_t find_row(const Words *words) {
        size_t i = 0;

        while (i < ROWS &&
               (strcmp(rows[i].noun, words->at[0]) != 0 || strcmp(rows[i].verb, words->at[1]) != 0))
                i++;
        bool fits = i < ROWS && words->count >= rows[i].least && words->count <= rows[i].most &&
                    (words->role || !rows[i].needs_role);
        return fits ? i : ROWS;
}

/* The change and the note of it, both or neither. Nothing is locked while somebody types. */
static bool run(Store *store, size_t row, Words *words, Error **err) {
        if (rows[row].asks_password && !(words->password_hash = read_password_hash(err)))
                return false;
        if (!store_begin(store, err))
                return false;
        if (!rows[row].run(store, words, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

/* Root makes what it makes as the user that the data folder belongs to, for the controller runs as that user
 * and could not open a database of root's. */
static bool become_owner(const char *folder, Error **err) {
        struct stat status;

        if (geteuid() != 0 || stat(folder, &status) != 0 || status.st_uid == 0)
                return true;
        return (setgroups(0, NULL) == 0 && setgid(status.st_gid) == 0 && setuid(status.st_uid) == 0) ||
               error_set(err, ERROR_FORBIDDEN, "cannot become the owner of %s: %s", folder, strerror(errno));
}

int accounts_run(const ControllerSettings *settings, int count, char **words) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(store_free) Store *store = NULL;
        CLEANUP(free) char *path = controller_settings_path(settings, "ghost.db");
        CLEANUP(words_clear) Words sorted = { 0 };

        if (!sort_words(count, words, &sorted))
                return say_usage();
        size_t row = find_row(&sorted);
        if (row == ROWS)
                return say_usage();
        if (file_make_folders(settings->data_dir, 0750, &why) && become_owner(settings->data_dir, &why) &&
            (store = store_open(&(StoreSpec){ .path = path }, &why)) && run(store, row, &sorted, &why))
                return 0;
        (void) fprintf(stderr, "ghost-controller: %s\n", error_message(why));
        return EXIT_FAILED;
}
