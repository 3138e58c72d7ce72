#include "accounts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/user_store.h"

enum {
        EXIT_FAILED = 1,
        EXIT_USAGE = 2,
        PASSWORD_MAX = 1024,
        PASSWORD_MIN = 8,
        TOKEN_BYTES = 32,
        TOKEN_DAYS = 365
};

static const char usage[] = "Usage: ghost-controller [--config FILE] user add NAME --role "
                            "admin|operator|viewer   (password: standard input)\n"
                            "       ghost-controller [--config FILE] user list\n"
                            "       ghost-controller [--config FILE] user remove NAME\n"
                            "       ghost-controller [--config FILE] token add USER [LABEL]\n";

static bool role_valid(const char *role) {
        return strcmp(role, "admin") == 0 || strcmp(role, "operator") == 0 || strcmp(role, "viewer") == 0;
}

static bool name_valid(const char *name) {
        return *name && strlen(name) <= 64 &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-") ==
                       strlen(name);
}

static bool read_password(char *buffer, size_t size, Error **err) {
        if (isatty(STDIN_FILENO))
                (void) fputs("Password: ", stderr);
        if (!fgets(buffer, (int) size, stdin))
                return error_set(err, ERROR_INVALID, "no password on standard input");
        buffer[strcspn(buffer, "\r\n")] = '\0';
        return strlen(buffer) >= PASSWORD_MIN ||
               error_set(err, ERROR_INVALID, "the password needs %d characters at least", PASSWORD_MIN);
}

static bool add_user(Store *store, const char *name, const char *role, Error **err) {
        char password[PASSWORD_MAX];

        if (!name_valid(name))
                return error_set(
                        err, ERROR_INVALID, "'%s': letters, digits and _ . @ - only, 64 at most", name);
        if (!role_valid(role))
                return error_set(err, ERROR_INVALID, "--role: admin, operator or viewer, not '%s'", role);
        if (!read_password(password, sizeof(password), err))
                return false;

        CLEANUP(free) char *hash = password_hash(password);
        crypto_wipe(password, sizeof(password));
        const User user = { .name = (char *) name, .role = (char *) role, .password_hash = hash };
        if (!user_store_put(store, &user, err))
                return false;
        (void) printf("user %s (%s) added\n", name, role);
        return true;
}

static bool list_users(Store *store, Error **err) {
        CLEANUP(document_free) Document *users = NULL;

        if (!user_store_list(store, &users, err))
                return false;
        for (size_t i = 0; i < document_count(users); i++) {
                const Document *user = document_at(users, i);

                (void) printf(
                        "%-20s %s\n", document_get_string(user, "name"), document_get_string(user, "role"));
        }
        return true;
}

static bool remove_user(Store *store, const char *name, Error **err) {
        if (!user_store_remove(store, name, err))
                return false;
        (void) printf("user %s removed\n", name);
        return true;
}

static bool add_token(Store *store, const char *name, const char *label, Error **err) {
        CLEANUP(user_clear) User user = { 0 };
        CLEANUP(free) char *token = crypto_random_hex(TOKEN_BYTES);
        CLEANUP(free) char *hash = crypto_sha256_hex(token, strlen(token));
        int64_t expires_us = clock_now_us() + (int64_t) TOKEN_DAYS * 86400 * 1000000;

        if (!user_store_get(store, name, &user, err) ||
            !token_store_insert(store, hash, name, user.role, label, expires_us, err))
                return false;
        (void) printf("%s\n", token);
        return true;
}

/* Positional words only; --role's value apart. */
typedef struct Words {
        const char *at[4];
        int count;
        const char *role;
} Words;

static bool sort_words(int count, char **words, Words *ret) {
        for (int i = 0; i < count; i++) {
                if (strcmp(words[i], "--role") == 0 && i + 1 < count)
                        ret->role = words[++i];
                else if (text_starts_with(words[i], "--role="))
                        ret->role = words[i] + strlen("--role=");
                else if (words[i][0] == '-' || ret->count == 4)
                        return false;
                else
                        ret->at[ret->count++] = words[i];
        }
        return ret->count >= 2;
}

static bool is(const Words *words, const char *noun, const char *verb, int count) {
        return strcmp(words->at[0], noun) == 0 && strcmp(words->at[1], verb) == 0 && words->count == count;
}

/* False with *err untouched: wrong use. */
static bool run(Store *store, const Words *words, Error **err) {
        if (is(words, "user", "add", 3) && words->role)
                return add_user(store, words->at[2], words->role, err);
        if (is(words, "user", "list", 2))
                return list_users(store, err);
        if (is(words, "user", "remove", 3))
                return remove_user(store, words->at[2], err);
        if (is(words, "token", "add", 3) || is(words, "token", "add", 4))
                return add_token(store, words->at[2], words->at[3] ? words->at[3] : "", err);
        return false;
}

int accounts_run(const ControllerSettings *settings, int count, char **words) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(store_free) Store *store = NULL;
        CLEANUP(free) char *path = controller_settings_path(settings, "ghost.db");
        Words sorted = { 0 };

        if (!sort_words(count, words, &sorted)) {
                (void) fputs(usage, stderr);
                return EXIT_USAGE;
        }
        if (file_make_folders(settings->data_dir, 0750, &why) &&
            (store = store_open(&(StoreSpec){ .path = path }, &why)) && run(store, &sorted, &why))
                return 0;
        if (!why) {
                (void) fputs(usage, stderr);
                return EXIT_USAGE;
        }
        (void) fprintf(stderr, "ghost-controller: %s\n", error_message(why));
        return EXIT_FAILED;
}
