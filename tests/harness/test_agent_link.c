#include "harness/test_agent_link.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

TestAgent *test_agent_dial(int port, const char *authority, const char *certificate, const char *key) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *address = xasprintf("127.0.0.1:%d", port);
        TestAgent *agent = xcalloc(1, sizeof(*agent));
        const LinkCredentials credentials = {
                .authority = authority,
                .certificate = certificate,
                .key = key,
                .peer_name = "ghost-controller",
        };

        inbox_init(&agent->inbox);
        const LinkEvents events = inbox_events(&agent->inbox);
        agent->link = link_dial(address, &credentials, &test_link_limits, &events, 5000, &why);
        if (!agent->link)
                abort();
        link_start(agent->link);
        return agent;
}

void test_agent_free(TestAgent *agent) {
        if (!agent)
                return;

        link_free(agent->link);
        inbox_clear(&agent->inbox);
        free(agent);
}

Ghost__Envelope *test_agent_receive(TestAgent *agent) {
        CLEANUP(error_free) Error *why = NULL;

        if (!inbox_wait_frames(&agent->inbox, agent->read + 1, 5000))
                return NULL;
        pthread_mutex_lock(&agent->inbox.lock);
        Ghost__Envelope *envelope = envelope_unpack(
                agent->inbox.frames[agent->read].bytes, agent->inbox.frames[agent->read].length, &why);
        agent->read++;
        pthread_mutex_unlock(&agent->inbox.lock);
        return envelope;
}

Ghost__Envelope *test_agent_expect(TestAgent *agent, Ghost__Envelope__BodyCase body) {
        for (;;) {
                Ghost__Envelope *envelope = test_agent_receive(agent);

                if (!envelope || envelope->body_case == body)
                        return envelope;
                bool heartbeat = envelope->body_case == GHOST__ENVELOPE__BODY_HEARTBEAT;
                envelope_free(envelope);
                if (!heartbeat)
                        return NULL;
        }
}

void test_agent_send(TestAgent *agent, Ghost__Envelope *envelope) {
        size_t length = 0;
        uint8_t *bytes = envelope_pack(envelope, &length);

        (void) link_send(agent->link, bytes, length);
}

void test_agent_hello(
        TestAgent *agent, const char *agent_id, const char *certificate, const char *proof_key) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(envelope_free)
        Ghost__Envelope *challenge = test_agent_expect(agent, GHOST__ENVELOPE__BODY_CHALLENGE);
        CLEANUP(free) uint8_t *proof = NULL;
        CLEANUP(text_clear) Text text = { 0 };
        size_t length = 0;
        Ghost__Hello hello = GHOST__HELLO__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(hello, HELLO, &hello);

        if (!challenge || challenge->challenge->nonce.len != 32)
                abort();
        text_append(&text, "ghost-hello-1");
        text_append_bytes(&text, challenge->challenge->nonce.data, challenge->challenge->nonce.len);
        text_append(&text, agent_id);
        if (!private_key_sign(proof_key, text.data, text.length, &proof, &length, &why))
                abort();
        hello.agent_id = (char *) agent_id;
        hello.certificate = (char *) certificate;
        hello.proof = (ProtobufCBinaryData){ .data = proof, .len = length };
        hello.agent_version = (char *) "test";
        test_agent_send(agent, &envelope);
}
