#include "session.h"

#include <string.h>

#include "base/certificate.h"
#include "base/memory.h"
#include "base/text.h"
#include "wire/envelope.h"

enum { ANSWER_TIMEOUT_MS = 30000, HEARTBEAT_LEAST_MS = 100, HEARTBEAT_MOST_MS = 600000 };

static const char hello_context[] = "ghost-hello-1";

bool session_send(const LinkClientSpec *spec, Channel *channel, Ghost__Envelope *envelope, Error **err) {
        size_t length = 0;
        CLEANUP(free) uint8_t *packed = envelope_pack(envelope, &length);

        return spec->driver->send(channel, packed, length, err);
}

bool session_receive(
        const LinkClientSpec *spec, Channel *channel, int timeout_ms, Ghost__Envelope **ret, Error **err) {
        CLEANUP(free) uint8_t *bytes = NULL;
        size_t length = 0;

        *ret = NULL;
        if (!spec->driver->receive(channel, timeout_ms, &bytes, &length, err))
                return false;
        if (!bytes)
                return true;
        *ret = envelope_unpack(bytes, length, err);
        return *ret != NULL;
}

static bool receive_answer(const LinkClientSpec *spec, Channel *channel, Ghost__Envelope **ret, Error **err) {
        if (!session_receive(spec, channel, ANSWER_TIMEOUT_MS, ret, err))
                return false;
        return *ret || error_set(err, ERROR_TIMEOUT, "the controller says nothing");
}

static bool receive_challenge(const LinkClientSpec *spec, Channel *channel, Text *ret_nonce, Error **err) {
        Ghost__Envelope *envelope = NULL;

        if (!receive_answer(spec, channel, &envelope, err))
                return false;
        bool ok = envelope->body_case == GHOST__ENVELOPE__BODY_CHALLENGE &&
                  envelope->challenge->nonce.len == 32;
        if (ok)
                text_append_bytes(ret_nonce, envelope->challenge->nonce.data, envelope->challenge->nonce.len);
        else
                error_set(err, ERROR_INVALID, "the controller did not begin with a challenge");
        ghost__envelope__free_unpacked(envelope, NULL);
        return ok;
}

static bool is_refusal(
        const Ghost__Envelope *envelope, SessionStart *ret, SessionWelcome *ret_welcome, Error **err) {
        if (envelope->body_case != GHOST__ENVELOPE__BODY_REFUSAL)
                return false;
        *ret = SESSION_REFUSED;
        ret_welcome->refusal_is_final = envelope->refusal->final;
        error_set(err, ERROR_FORBIDDEN, "refused by the controller: %s", envelope->refusal->message);
        return true;
}

/* ---- enrolment
 * -------------------------------------------------------------------------------------------------- */

static void set(char **field, const char *value) {
        free(*field);
        *field = xstrdup(value ? value : "");
}

static bool take_enrolment(const LinkClientSpec *spec, const Ghost__Enrolled *enrolled, Error **err) {
        const Bootstrap *bootstrap = spec->bootstrap;
        Identity *identity = spec->identity;

        if (strlen(enrolled->agent_id) != 24 || enrolled->release_key.len != ED25519_KEY_BYTES)
                return error_set(err, ERROR_INVALID, "the controller's enrolment is incomplete");
        if (!certificate_verify(enrolled->certificate, bootstrap->ca, CERTIFICATE_CLIENT, err))
                return error_prefix(err, "certificate of this agent");
        set(&identity->agent_id, enrolled->agent_id);
        set(&identity->instance_id, spec->facts->instance_id);
        set(&identity->key, identity->new_key);
        set(&identity->certificate, enrolled->certificate);
        set(&identity->controller, bootstrap->controller);
        set(&identity->server_name, bootstrap->server_name);
        set(&identity->ca, bootstrap->ca);
        memcpy(identity->release_key, enrolled->release_key.data, ED25519_KEY_BYTES);
        return identity_write(spec->identity_file, identity, err);
}

/* The same at every try. */
static bool make_request(Identity *identity, Error **err) {
        if (!identity->new_key)
                identity->new_key = private_key_new(err);
        if (identity->new_key && !identity->request)
                identity->request = certificate_request_new(identity->new_key, "ghost-agent", err);
        return identity->request != NULL;
}

static bool send_enrol(const LinkClientSpec *spec, Channel *channel, Error **err) {
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__Enrol enrol = GHOST__ENROL__INIT;

        if (!make_request(spec->identity, err))
                return false;
        enrol.token = spec->bootstrap->token;
        enrol.certificate_request = spec->identity->request;
        enrol.facts = (Ghost__Facts *) spec->facts;
        enrol.agent_version = (char *) GHOST_VERSION;
        if (spec->bootstrap->identity_document)
                enrol.identity_document = (ProtobufCBinaryData){
                        .len = strlen(spec->bootstrap->identity_document),
                        .data = (uint8_t *) spec->bootstrap->identity_document,
                };
        envelope.body_case = GHOST__ENVELOPE__BODY_ENROL;
        envelope.enrol = &enrol;
        return session_send(spec, channel, &envelope, err);
}

static bool enrol(
        const LinkClientSpec *spec, Channel *channel, SessionStart *ret, SessionWelcome *ret_welcome,
        Error **err) {
        Ghost__Envelope *envelope = NULL;

        if (!spec->bootstrap->token)
                return error_set(err, ERROR_CONFLICT, "there is no join token to enrol with");
        if (!send_enrol(spec, channel, err) || !receive_answer(spec, channel, &envelope, err))
                return false;
        bool ok = true;
        if (envelope->body_case == GHOST__ENVELOPE__BODY_ENROLLED) {
                *ret = SESSION_ENROLLED;
                ok = take_enrolment(spec, envelope->enrolled, err);
        } else if (!is_refusal(envelope, ret, ret_welcome, err)) {
                ok = error_set(err, ERROR_INVALID, "the controller did not answer the enrolment");
        }
        ghost__envelope__free_unpacked(envelope, NULL);
        return ok;
}

/* ---- hello
 * ------------------------------------------------------------------------------------------------------ */

static bool send_hello(
        const LinkClientSpec *spec, Channel *channel, const Text *nonce, const char *boot_id, Error **err) {
        CLEANUP(text_clear) Text signed_text = { 0 };
        CLEANUP(free) uint8_t *proof = NULL;
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;
        Ghost__Hello hello = GHOST__HELLO__INIT;
        size_t length = 0;

        text_append(&signed_text, hello_context);
        text_append_bytes(&signed_text, nonce->data, nonce->length);
        text_append(&signed_text, spec->identity->agent_id);
        if (!private_key_sign(
                    spec->identity->key, signed_text.data, signed_text.length, &proof, &length, err))
                return false;
        hello.agent_id = spec->identity->agent_id;
        hello.certificate = spec->identity->certificate;
        hello.proof = (ProtobufCBinaryData){ .len = length, .data = proof };
        hello.facts = (Ghost__Facts *) spec->facts;
        hello.agent_version = (char *) GHOST_VERSION;
        hello.boot_id = (char *) boot_id;
        envelope.body_case = GHOST__ENVELOPE__BODY_HELLO;
        envelope.hello = &hello;
        return session_send(spec, channel, &envelope, err);
}

static int bounded_heartbeat(uint32_t heartbeat_ms) {
        if (heartbeat_ms < HEARTBEAT_LEAST_MS)
                return HEARTBEAT_LEAST_MS;
        return heartbeat_ms > HEARTBEAT_MOST_MS ? HEARTBEAT_MOST_MS : (int) heartbeat_ms;
}

static bool say_hello(
        const LinkClientSpec *spec, Channel *channel, SessionStart *ret, SessionWelcome *ret_welcome,
        Error **err) {
        Ghost__Envelope *envelope = NULL;

        if (!receive_answer(spec, channel, &envelope, err))
                return false;
        bool ok = true;
        if (envelope->body_case == GHOST__ENVELOPE__BODY_WELCOME) {
                *ret = SESSION_OPEN;
                ret_welcome->heartbeat_ms = bounded_heartbeat(envelope->welcome->heartbeat_ms);
                ret_welcome->max_chunk_bytes = envelope->welcome->max_chunk_bytes;
        } else if (!is_refusal(envelope, ret, ret_welcome, err)) {
                ok = error_set(err, ERROR_INVALID, "the controller did not answer the hello");
        }
        ghost__envelope__free_unpacked(envelope, NULL);
        return ok;
}

bool session_start(
        const LinkClientSpec *spec, Channel *channel, const char *boot_id, SessionStart *ret,
        SessionWelcome *ret_welcome, Error **err) {
        CLEANUP(text_clear) Text nonce = { 0 };

        *ret_welcome = (SessionWelcome){ 0 };
        if (!receive_challenge(spec, channel, &nonce, err))
                return false;
        if (!identity_usable(spec->identity))
                return enrol(spec, channel, ret, ret_welcome, err);
        return send_hello(spec, channel, &nonce, boot_id, err) &&
               say_hello(spec, channel, ret, ret_welcome, err);
}

bool session_take_certificate(const LinkClientSpec *spec, const char *certificate, Error **err) {
        if (!certificate_verify(certificate, spec->bootstrap->ca, CERTIFICATE_CLIENT, err))
                return error_prefix(err, "renewed certificate");
        set(&spec->identity->certificate, certificate);
        return identity_write(spec->identity_file, spec->identity, err);
}
