#include "http/auth.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/rate_limit.h"

enum {
        VERDICT_SLOTS = 256,
        VERDICT_MS = 60 * 1000,
        CHECKS_AT_ONCE = 2,
        CREDENTIAL_MAX = 1024,
        TOKEN_SLOTS = 64,
        TOKEN_MS = 1000,
        NAME_FAILURES = 10,
        NAME_REFILL_MS = 6000,
        PEER_FAILURES = 30,
        PEER_REFILL_MS = 2000,
};

typedef struct Verdict {
        uint8_t mac[SHA256_BYTES];
        Deadline until;
        bool right;
} Verdict;

/* A token that was good a moment ago: scripts and load balancers ask hundreds of times a second. */
typedef struct KnownToken {
        uint8_t mac[SHA256_BYTES];
        Deadline until;
        uint64_t changes;
        Account account;
} KnownToken;

struct Auth {
        AuthSource source;
        uint8_t key[SHA256_BYTES]; /* of this process only */
        char *decoy_hash;          /* checked for unknown names, so that they take as long */

        RateLimit name_failures, peer_failures;

        pthread_mutex_t lock; /* guards everything below */
        Verdict verdicts[VERDICT_SLOTS];
        KnownToken tokens[TOKEN_SLOTS];
        unsigned checks_running;
};

void account_clear(Account *account) {
        free(account->name);
        free(account->via);
        free(account->csrf_token);
        *account = (Account){ 0 };
}

Auth *auth_new(const AuthSource *source) {
        CLEANUP(free) char *nonsense = crypto_random_hex(16);
        Auth *auth = xcalloc(1, sizeof(*auth));

        auth->source = *source;
        crypto_random(auth->key, sizeof(auth->key));
        auth->decoy_hash = password_hash(nonsense);
        auth->name_failures = (RateLimit) RATE_LIMIT(NAME_FAILURES, NAME_REFILL_MS);
        auth->peer_failures = (RateLimit) RATE_LIMIT(PEER_FAILURES, PEER_REFILL_MS);
        pthread_mutex_init(&auth->lock, NULL);
        return auth;
}

void auth_free(Auth *auth) {
        if (!auth)
                return;
        for (size_t i = 0; i < TOKEN_SLOTS; i++)
                account_clear(&auth->tokens[i].account);
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

typedef enum Recollection { KNOWN_RIGHT, KNOWN_WRONG, UNKNOWN } Recollection;

static Recollection recall(Auth *auth, const uint8_t mac[SHA256_BYTES]) {
        pthread_mutex_lock(&auth->lock);
        const Verdict *known = find_verdict(auth, mac, NULL);
        Recollection result = !known ? UNKNOWN : known->right ? KNOWN_RIGHT : KNOWN_WRONG;
        pthread_mutex_unlock(&auth->lock);
        return result;
}

/* False: enough checks run already. */
static bool start_check(Auth *auth) {
        pthread_mutex_lock(&auth->lock);
        bool free_place = auth->checks_running < CHECKS_AT_ONCE;
        if (free_place)
                auth->checks_running++;
        pthread_mutex_unlock(&auth->lock);
        return free_place;
}

/* A client has one IPv4 address, but 2^64 of IPv6. Caller frees. */
static char *network_of(const char *peer) {
        uint8_t address[sizeof(struct in6_addr)];

        return inet_pton(AF_INET6, peer, address) == 1 ? hex_encode(address, sizeof(address) / 2)
                                                       : xstrdup(peer);
}

/* Whose failures are counted together. */
typedef struct Suspects {
        char *network, *name; /* the name at that network; NULL: no name was given */
} Suspects;

static void suspects_clearp(Suspects *suspects) {
        free(suspects->network);
        free(suspects->name);
}

static Suspects suspects_of(const AuthAttempt *attempt, const char *name) {
        Suspects suspects = { .network = network_of(attempt->peer) };

        suspects.name = name ? xasprintf("%s %s", suspects.network, name) : NULL;
        return suspects;
}

static bool may_fail(Auth *auth, AuthAttempt *attempt, const Suspects *suspects, Error **err) {
        int64_t now_ms = clock_monotonic_ms();
        int64_t wait_ms = rate_limit_wait_ms(&auth->peer_failures, suspects->network, now_ms);
        int64_t name_wait_ms =
                suspects->name ? rate_limit_wait_ms(&auth->name_failures, suspects->name, now_ms) : 0;

        if (name_wait_ms > wait_ms)
                wait_ms = name_wait_ms;
        if (wait_ms == 0)
                return true;
        attempt->retry_after_s = (unsigned) (wait_ms + 999) / 1000;
        return error_set(
                err, ERROR_UNAVAILABLE, "Too many failed logins from this address: try again in %u s",
                attempt->retry_after_s);
}

static bool note_failure(Auth *auth, const Suspects *suspects, Error **err) {
        int64_t now_ms = clock_monotonic_ms();

        (void) rate_limit_take(&auth->peer_failures, suspects->network, now_ms);
        if (suspects->name)
                (void) rate_limit_take(&auth->name_failures, suspects->name, now_ms);
        return refuse(err);
}

typedef struct Login {
        const char *name, *password, *hash;
} Login;

static void mac_of(const Auth *auth, const Login *login, uint8_t ret[SHA256_BYTES]) {
        CLEANUP(text_clear) Text credential = { 0 };

        text_append_bytes(&credential, login->name, strlen(login->name) + 1);
        text_append_bytes(&credential, login->password, strlen(login->password) + 1);
        text_append(&credential, login->hash);
        crypto_hmac_sha256(auth->key, sizeof(auth->key), credential.data, credential.length, ret);
        crypto_wipe(credential.data, credential.length);
}

static bool check_login(Auth *auth, AuthAttempt *attempt, const Login *login, Error **err) {
        CLEANUP(suspects_clear) Suspects suspects = suspects_of(attempt, login->name);
        uint8_t mac[SHA256_BYTES];

        mac_of(auth, login, mac);
        Recollection known = recall(auth, mac);
        if (known == KNOWN_RIGHT)
                return true;
        if (!may_fail(auth, attempt, &suspects, err))
                return false;
        if (known == UNKNOWN) {
                if (!start_check(auth))
                        return error_set(err, ERROR_UNAVAILABLE, "too many logins at once; try again");
                bool right = password_matches(login->password, login->hash);
                remember(auth, mac, right);
                if (right)
                        return true;
        }
        return note_failure(auth, &suspects, err);
}

bool auth_check_password(
        Auth *auth, AuthAttempt *attempt, const char *name, const char *password, Account *ret, Error **err) {
        CLEANUP(free) char *hash = NULL;
        CLEANUP(error_free) Error *absent = NULL;
        Right right = RIGHT_NONE;

        bool known = auth->source.find_user(auth->source.context, name, &hash, &right, &absent);
        if (!known && error_kind(absent) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(absent), "%s", error_message(absent));
        const Login login = { name, password, known ? hash : auth->decoy_hash };
        if (!check_login(auth, attempt, &login, err))
                return false;
        if (!known)
                return refuse(err);
        *ret = (Account){ .name = xstrdup(name), .right = right, .via = xstrdup("password") };
        return true;
}

static bool check_basic(Auth *auth, AuthAttempt *attempt, const char *encoded, Account *ret, Error **err) {
        CLEANUP(free) char *decoded = NULL;
        CLEANUP(error_free) Error *malformed = NULL;
        size_t length;

        if (!base64_decode(encoded, &decoded, &length, &malformed) || strlen(decoded) != length)
                return refuse(err);
        char *colon = strchr(decoded, ':');
        if (!colon || colon == decoded)
                return refuse(err);
        *colon = '\0';
        bool right = auth_check_password(auth, attempt, decoded, colon + 1, ret, err);
        crypto_wipe(decoded, length);
        return right;
}

static Account copy_account(const Account *account) {
        return (Account){ .name = xstrdup(account->name),
                          .right = account->right,
                          .via = account->via ? xstrdup(account->via) : NULL,
                          .expires_us = account->expires_us };
}

static bool recall_token(Auth *auth, const uint8_t mac[SHA256_BYTES], uint64_t changes, Account *ret) {
        pthread_mutex_lock(&auth->lock);
        const KnownToken *known = &auth->tokens[mac[0] % TOKEN_SLOTS];
        bool good = known->account.name && known->changes == changes && !deadline_passed(known->until) &&
                    crypto_equal(known->mac, mac, SHA256_BYTES) &&
                    (known->account.expires_us == 0 || known->account.expires_us > clock_now_us());
        if (good)
                *ret = copy_account(&known->account);
        pthread_mutex_unlock(&auth->lock);
        return good;
}

static void remember_token(
        Auth *auth, const uint8_t mac[SHA256_BYTES], uint64_t changes, const Account *account) {
        pthread_mutex_lock(&auth->lock);
        KnownToken *place = &auth->tokens[mac[0] % TOKEN_SLOTS];
        account_clear(&place->account);
        memcpy(place->mac, mac, SHA256_BYTES);
        place->until = deadline_after_ms(TOKEN_MS);
        place->changes = changes;
        place->account = copy_account(account);
        pthread_mutex_unlock(&auth->lock);
}

/* The changes are counted before the look-up: what changes meanwhile makes the memory worthless. */
static bool find_token(Auth *auth, const char *token, Account *ret, Error **err) {
        const AuthSource *source = &auth->source;
        uint8_t mac[SHA256_BYTES];

        if (!source->count_changes)
                return source->find_token(source->context, token, ret, err);
        uint64_t changes = source->count_changes(source->context);
        crypto_hmac_sha256(auth->key, sizeof(auth->key), token, strlen(token), mac);
        if (recall_token(auth, mac, changes, ret))
                return true;
        if (!source->find_token(source->context, token, ret, err))
                return false;
        remember_token(auth, mac, changes, ret);
        return true;
}

/* A token cannot be guessed: one that exists is let in, however often others failed. */
static bool check_bearer(Auth *auth, AuthAttempt *attempt, const char *token, Account *ret, Error **err) {
        CLEANUP(error_free) Error *absent = NULL;
        CLEANUP(suspects_clear) Suspects suspects = suspects_of(attempt, NULL);

        if (find_token(auth, token, ret, &absent))
                return true;
        if (error_kind(absent) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(absent), "%s", error_message(absent));
        return may_fail(auth, attempt, &suspects, err) && note_failure(auth, &suspects, err);
}

static bool check_session(Auth *auth, const char *session, Account *ret, Error **err) {
        CLEANUP(error_free) Error *absent = NULL;

        if (!auth->source.find_session || strnlen(session, CREDENTIAL_MAX + 1) > CREDENTIAL_MAX ||
            auth->source.find_session(auth->source.context, session, ret, &absent))
                return true;
        return error_kind(absent) == ERROR_NOT_FOUND ||
               error_set(err, error_kind(absent), "%s", error_message(absent));
}

static bool check_header(
        Auth *auth, AuthAttempt *attempt, const char *authorization, Account *ret, Error **err) {
        static const char basic[] = "Basic ", bearer[] = "Bearer ";

        if (strnlen(authorization, CREDENTIAL_MAX + 1) > CREDENTIAL_MAX)
                return refuse(err);
        if (strncasecmp(authorization, basic, sizeof(basic) - 1) == 0) {
                CLEANUP(free) char *encoded = text_trim(authorization + sizeof(basic) - 1);

                return check_basic(auth, attempt, encoded, ret, err);
        }
        if (strncasecmp(authorization, bearer, sizeof(bearer) - 1) == 0) {
                CLEANUP(free) char *token = text_trim(authorization + sizeof(bearer) - 1);

                return check_bearer(auth, attempt, token, ret, err);
        }
        return refuse(err);
}

bool auth_check(Auth *auth, AuthAttempt *attempt, Account *ret, Error **err) {
        if (attempt->authorization)
                return check_header(auth, attempt, attempt->authorization, ret, err);
        return !attempt->session || check_session(auth, attempt->session, ret, err);
}
