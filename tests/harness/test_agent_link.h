/* An agent's end of the link, for tests of the hub: answers the challenge, then says what a test tells it to.
 */
#pragma once

#include "harness/link_pair.h"
#include "wire/envelope.h"

typedef struct TestAgent {
        Link *link;
        Inbox inbox;
        size_t read; /* frames looked at so far */
} TestAgent;

/* Connected, nothing said. certificate and key may be NULL. */
TestAgent *test_agent_dial(int port, const char *authority, const char *certificate, const char *key);
void test_agent_free(TestAgent *agent);
CLEANUP_DEFINE(TestAgent, test_agent_free);

/* The next envelope; NULL when none comes within five seconds. Caller frees. */
Ghost__Envelope *test_agent_receive(TestAgent *agent);
/* The next that is no heartbeat. */
Ghost__Envelope *test_agent_expect(TestAgent *agent, Ghost__Envelope__BodyCase body);
void test_agent_send(TestAgent *agent, Ghost__Envelope *envelope);
/* Takes the challenge and says hello with the proof made by proof_key. */
void test_agent_hello(TestAgent *agent, const char *agent_id, const char *certificate, const char *proof_key);
