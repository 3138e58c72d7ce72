#include "http/auth.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

enum {
        VERDICT_SLOTS = 256,
        VERDICT_MS = 60 * 1000,
        CHECKS_AT_ONCE = 2,
        CREDENTIAL_MAX = 1024,
};

typedef struct Verdict {
        uint8_t mac[SHA256_BYTES];
        Deadline until;
        bool right;
} Verdict;

struct Auth {
        AuthSource source;
        uint8_t key[SHA256_BYTES]; /* of this process only */
        char *decoy_hash;          /* checked for unknown names, so that they take as long */

        pthread_mutex_t lock; /* guards everything below */
        Verdict verdicts[VERDICT_SLOTS];
        unsigned checks_running;
};

void account_clear(Account *account) {
        free(account->name);
        *account = (Account){ 0 };
}

Auth *auth_new(const AuthSource *source) {
        CLEANUP(free) char *nonsense = crypto_random_hex(16);
        Auth *auth = xcalloc(1, sizeof(*auth));

        auth->source = *source;
        crypto_random(auth->key, sizeof(auth->key));
        auth->decoy_hash = password_hash(nonsense);
        pthread_mutex_init(&auth->lock, NULL);
        return auth;
}

void auth_free(Auth *auth) {
        if (!auth)
                return;
        pthread_mutex_destroy(&auth->lock);
        crypto_wipe(auth->key, sizeof(auth->key));
        free(auth->decoy_hash);
        free(auth);
}

static bool refuse(Error **err) {
        return error_set(err, ERROR_FORBIDDEN, "Please provide proper credentials");
}

/* Four places a mac may be in; the one that ends first gives way. Called with the lock held. */
static Verdict *find_verdict(Auth *auth, const uint8_t mac[SHA256_BYTES], Verdict **ret_oldest) {
        unsigned first = (mac[0] & ~3U) % VERDICT_SLOTS;
        Verdict *oldest = &auth->verdicts[first];

        for (unsigned i = first; i < first + 4; i++) {
                Verdict *verdict = &auth->verdicts[i];

                if (!deadline_passed(verdict->until) && crypto_equal(verdict->mac, mac, SHA256_BYTES))
                        return verdict;
                if (verdict->until < oldest->until)
                        oldest = verdict;
        }
        if (ret_oldest)
                *ret_oldest = oldest;
        return NULL;
}

static void remember(Auth *auth, const uint8_t mac[SHA256_BYTES], bool right) {
        Verdict *place = NULL;

        pthread_mutex_lock(&auth->lock);
        auth->checks_running--;
        Verdict *known = find_verdict(auth, mac, &place);
        if (known)
                place = known;
        memcpy(place->mac, mac, SHA256_BYTES);
        place->until = deadline_after_ms(VERDICT_MS);
        place->right = right;
        pthread_mutex_unlock(&auth->lock);
}

/* True when a verdict is known; otherwise a check may be started (and is counted), or *ret_busy. */
static bool recall(Auth *auth, const uint8_t mac[SHA256_BYTES], bool *ret_right, bool *ret_busy) {
        pthread_mutex_lock(&auth->lock);
        const Verdict *known = find_verdict(auth, mac, NULL);
        *ret_right = known && known->right;
        *ret_busy = !known && auth->checks_running >= CHECKS_AT_ONCE;
        if (!known && !*ret_busy)
                auth->checks_running++;
        pthread_mutex_unlock(&auth->lock);
        return known != NULL;
}

static bool check_password(
        Auth *auth, const char *name, const char *password, const char *hash, Error **err) {
        CLEANUP(text_clear) Text credential = { 0 };
        uint8_t mac[SHA256_BYTES];
        bool right, busy;

        text_append_bytes(&credential, name, strlen(name) + 1);
        text_append_bytes(&credential, password, strlen(password) + 1);
        text_append(&credential, hash);
        crypto_hmac_sha256(auth->key, sizeof(auth->key), credential.data, credential.length, mac);
        crypto_wipe(credential.data, credential.length);

        if (!recall(auth, mac, &right, &busy)) {
                if (busy)
                        return error_set(err, ERROR_UNAVAILABLE, "too many logins at once; try again");
                right = password_matches(password, hash);
                remember(auth, mac, right);
        }
        return right ? true : refuse(err);
}

static bool check_basic(Auth *auth, const char *encoded, Account *ret, Error **err) {
        CLEANUP(free) char *decoded = NULL, *hash = NULL;
        CLEANUP(error_free) Error *inner = NULL;
        size_t length;
        Right right = RIGHT_NONE;

        if (!base64_decode(encoded, &decoded, &length, &inner) || strlen(decoded) != length)
                return refuse(err);
        char *colon = strchr(decoded, ':');
        if (!colon || colon == decoded)
                return refuse(err);
        *colon = '\0';

        bool known = auth->source.find_user(auth->source.context, decoded, &hash, &right, &inner);
        if (!known && error_kind(inner) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(inner), "%s", error_message(inner));

        bool matches = check_password(auth, decoded, colon + 1, known ? hash : auth->decoy_hash, err);
        if (matches && known)
                *ret = (Account){ .name = xstrdup(decoded), .right = right };
        crypto_wipe(decoded, length);
        return !matches || known ? matches : refuse(err);
}

static bool check_bearer(Auth *auth, const char *token, Account *ret, Error **err) {
        CLEANUP(error_free) Error *inner = NULL;

        if (auth->source.find_token(auth->source.context, token, ret, &inner))
                return true;
        if (error_kind(inner) == ERROR_NOT_FOUND)
                return refuse(err);
        return error_set(err, error_kind(inner), "%s", error_message(inner));
}

bool auth_check(Auth *auth, const char *authorization, Account *ret, Error **err) {
        static const char basic[] = "Basic ", bearer[] = "Bearer ";

        if (strnlen(authorization, CREDENTIAL_MAX + 1) > CREDENTIAL_MAX)
                return refuse(err);
        if (strncasecmp(authorization, basic, sizeof(basic) - 1) == 0) {
                CLEANUP(free) char *encoded = text_trim(authorization + sizeof(basic) - 1);

                return check_basic(auth, encoded, ret, err);
        }
        if (strncasecmp(authorization, bearer, sizeof(bearer) - 1) == 0) {
                CLEANUP(free) char *token = text_trim(authorization + sizeof(bearer) - 1);

                return check_bearer(auth, token, ret, err);
        }
        return refuse(err);
}
