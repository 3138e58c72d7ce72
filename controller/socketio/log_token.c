#include "socketio/log_token.h"

#include <string.h>

#include "base/crypto.h"
#include "base/text.h"

enum {
        END_BYTES = 8,
        RANDOM_BYTES = 24,
        HEAD_BYTES = END_BYTES + RANDOM_BYTES,
        TOKEN_BYTES = LOG_TOKEN_HEX / 2
};

static void sign(
        const uint8_t key[LOG_TOKEN_KEY_BYTES], const uint8_t head[HEAD_BYTES], const char *job_id,
        uint8_t ret[SHA256_BYTES]) {
        CLEANUP(text_clear) Text signed_text = { 0 };

        text_append_bytes(&signed_text, head, HEAD_BYTES);
        text_append(&signed_text, job_id);
        crypto_hmac_sha256(key, LOG_TOKEN_KEY_BYTES, signed_text.data, signed_text.length, ret);
}

char *log_token_new(const uint8_t key[LOG_TOKEN_KEY_BYTES], const char *job_id, int64_t now_s) {
        uint8_t token[TOKEN_BYTES];
        uint64_t end = (uint64_t) (now_s + LOG_TOKEN_LIFETIME_S);

        for (size_t i = 0; i < END_BYTES; i++)
                token[i] = (uint8_t) (end >> (8 * (END_BYTES - 1 - i)));
        crypto_random(token + END_BYTES, RANDOM_BYTES);
        sign(key, token, job_id, token + HEAD_BYTES);
        return hex_encode(token, sizeof(token));
}

bool log_token_valid(
        const uint8_t key[LOG_TOKEN_KEY_BYTES], const char *token, const char *job_id, int64_t now_s) {
        uint8_t bytes[TOKEN_BYTES], expected[SHA256_BYTES];
        uint64_t end = 0;

        if (strlen(token) != LOG_TOKEN_HEX || !hex_decode(token, bytes, sizeof(bytes)))
                return false;
        sign(key, bytes, job_id, expected);
        if (!crypto_equal(bytes + HEAD_BYTES, expected, SHA256_BYTES))
                return false;
        for (size_t i = 0; i < END_BYTES; i++)
                end = end << 8 | bytes[i];
        return end > (uint64_t) now_s;
}
