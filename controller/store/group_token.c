#include "store/group_token.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/secret_store.h"

enum { KEY_BYTES = 32, APP_ID_LENGTH = 24 };

#define TOKEN_START "group."

/* Only a key is kept: the token itself stands in no table. */
static char *key_name(const char *app_id) {
        return xasprintf("group token %s", app_id);
}

static char *token_of(const char *app_id, const uint8_t *key) {
        uint8_t mac[SHA256_BYTES];
        CLEANUP(free) char *text = xasprintf("ghost-group-1 %s", app_id), *hex = NULL;

        crypto_hmac_sha256(key, KEY_BYTES, text, strlen(text), mac);
        hex = hex_encode(mac, sizeof(mac));
        crypto_wipe(mac, sizeof(mac));
        return xasprintf(TOKEN_START "%s.%s", app_id, hex);
}

bool group_token_make(Store *store, const char *app_id, char **ret, Error **err) {
        CLEANUP(free) char *name = key_name(app_id);
        uint8_t key[KEY_BYTES];

        if (!secret_store_get(store, name, key, sizeof(key), err))
                return false;
        *ret = token_of(app_id, key);
        crypto_wipe(key, sizeof(key));
        return true;
}

static bool refuse(Error **err) {
        return error_set(err, ERROR_FORBIDDEN, "join token: unknown, or changed since");
}

bool group_token_check(Store *store, const char *token, char **ret_app_id, Error **err) {
        const char *rest = token + strlen(TOKEN_START);
        uint8_t key[KEY_BYTES];
        bool found = false;

        if (!text_starts_with(token, TOKEN_START) || strcspn(rest, ".") != APP_ID_LENGTH)
                return true;
        CLEANUP(free) char *app_id = xstrndup(rest, APP_ID_LENGTH), *name = key_name(app_id);
        if (!secret_store_find(store, name, key, sizeof(key), &found, err))
                return false;
        if (!found)
                return refuse(err);
        CLEANUP(free) char *expected = token_of(app_id, key);
        bool same = strlen(expected) == strlen(token) && crypto_equal(expected, token, strlen(expected));
        crypto_wipe(key, sizeof(key));
        crypto_wipe(expected, strlen(expected));
        if (!same)
                return refuse(err);
        *ret_app_id = TAKE(app_id);
        return true;
}

bool group_token_change(Store *store, const char *app_id, Error **err) {
        CLEANUP(free) char *name = key_name(app_id);

        return secret_store_remove(store, name, err);
}
