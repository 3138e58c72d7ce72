/* Hub: the controller's end of the agent link: who is connected, what is asked of them, what they say.
 *
 * nng's threads only queue; a small pool of hub workers calls the events, one envelope of an agent at a time
 * and in order, so a slow agent or a slow callback holds up nobody else for long. Job workers send tasks and
 * wait for receipts. Thread-safe. */
#pragma once

#include "base/crypto.h"
#include "base/error.h"
#include "wire/ghost.pb-c.h"

typedef struct Hub Hub;

typedef struct HubEnrolment {
        char *agent_id;
        char *certificate; /* PEM */
        uint8_t release_key[ED25519_KEY_BYTES];
} HubEnrolment;

typedef struct HubManifest {
        uint8_t *bytes;
        size_t length;
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        char *pack_url; /* a secret; NULL: none */
        int64_t pack_url_expires_us;
} HubManifest;
void hub_manifest_clear(HubManifest *manifest);
static inline void hub_manifest_clearp(HubManifest *manifest) {
        hub_manifest_clear(manifest);
}

/* On hub workers; may take the store, must not wait for an agent. Messages are borrowed. */
typedef struct HubEvents {
        void *context;

        /* Checks token and facts, makes the agent's certificate. FORBIDDEN is told to the agent as final. */
        bool (*enrol)(
                void *context, const Ghost__Enrol *enrol, const char *address, HubEnrolment *ret,
                Error **err);
        /* The hub has checked certificate, name and proof; is this agent still wanted? fingerprint is the
         * certificate's. */
        bool (*authenticate)(void *context, const char *agent_id, const char *fingerprint, Error **err);
        bool (*renew)(
                void *context, const char *agent_id, const char *request, char **ret_certificate,
                Error **err);
        void (*connected)(void *context, const Ghost__Hello *hello, const char *address);
        void (*disconnected)(void *context, const char *agent_id, const char *reason);
        void (*report)(void *context, const char *agent_id, const Ghost__Report *report);

        /* On disk when it returns true: the agent may forget the lines before *ret_next_line. */
        bool (*log_batch)(
                void *context, const char *agent_id, const Ghost__LogBatch *batch, uint64_t *ret_next_line,
                Error **err);
        void (*progress)(void *context, const char *agent_id, const Ghost__TaskProgress *progress);
        /* Stored when it returns true: the agent may forget it. */
        bool (*receipt)(void *context, const char *agent_id, const Ghost__Receipt *receipt, Error **err);

        bool (*manifest)(
                void *context, const char *agent_id, const char *manifest_sha256, HubManifest *ret,
                Error **err);
        /* At most length bytes. */
        bool (*pack)(
                void *context, const char *agent_id, const Ghost__PackRequest *request, uint64_t length,
                uint8_t **ret, size_t *ret_length, Error **err);
} HubEvents;

typedef struct HubSpec {
        const char *address;                                   /* "0.0.0.0:5001"; port 0: any free one */
        const char *authority_certificate, *certificate, *key; /* PEM */
        int64_t heartbeat_ms;
        int64_t hello_timeout_ms; /* from its turn to welcome; 0: 10,000 */
        size_t queue_bytes;       /* waiting for one agent; 0: 4 MiB */
        uint64_t chunk_bytes;     /* of one piece of a package */
        int64_t connections_max;
        int64_t strangers_per_address; /* connections of one address that have not said who they are */
} HubSpec;

Hub *hub_start(const HubSpec *spec, const HubEvents *events, Error **err);
int hub_port(const Hub *hub);
/* Says goodbye to every agent, waits for callbacks to end. */
void hub_stop(Hub *hub);
void hub_free(Hub *hub);

bool hub_agent_connected(Hub *hub, const char *agent_id);
size_t hub_connected_count(Hub *hub);
/* Connections that have not said who they are, or not yet proved it. */
size_t hub_stranger_count(Hub *hub);
/* clock_monotonic_ms() of when its clock last turned and its workers last took what was waiting for them. */
int64_t hub_moved_ms(const Hub *hub);
/* Ends the session; it may come back unless its certificate is refused. */
void hub_disconnect(Hub *hub, const char *agent_id, const char *reason);

/* Only queue; false when the agent is not connected. */
bool hub_send_task(Hub *hub, const char *agent_id, const Ghost__Task *task);
/* Tells the agent to end the task; its receipt will say CANCELLED. */
bool hub_send_cancel(Hub *hub, const char *agent_id, const char *task_id);
