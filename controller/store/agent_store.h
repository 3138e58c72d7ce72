/* Agents (identities on the link), join tokens, and receipts. Instances, the REST resource, are documents of
 * COLLECTION_INSTANCES: { instance_id, app_id, agent_id, state, private_ip, image_id, job_id, purpose,
 * connected, agent_version, last_seen, facts: {…}, modules: [{module, manifest_sha256, path, revision,
 * commit, switched_us, receipt: {…}}] (agents/module_receipt.h), bootstrapped, notice: {kind, action, at},
 * drained, deviations: [{module, wanted, job_id, why}] (deviation_store.h), straggler: {module, wanted,
 * task_id, tries, since_us} (groups/straggler.h) }. */
#pragma once

#include "store/store.h"
#include "json/document.h"

typedef struct Agent {
        char *id;
        char *app_id;
        char *instance_id;
        char *fingerprint; /* of its current certificate */
        bool revoked;
} Agent;
void agent_clear(Agent *agent);
static inline void agent_clearp(Agent *agent) {
        agent_clear(agent);
}

bool agent_store_insert(Store *store, const Agent *agent, Error **err);
bool agent_store_get(Store *store, const char *id, Agent *ret, Error **err);
/* *ret_found false when there is none. The newest, not revoked. */
bool agent_store_find_by_instance(
        Store *store, const char *instance_id, Agent *ret, bool *ret_found, Error **err);
/* The new certificate counts together with the former one until the agent has used it. */
bool agent_store_set_fingerprint(Store *store, const char *id, const char *fingerprint, Error **err);
/* Of the agent, and the agent not revoked. */
bool agent_store_fingerprint_valid(
        Store *store, const char *id, const char *fingerprint, bool *ret, Error **err);
bool agent_store_revoke(Store *store, const char *id, Error **err);

typedef struct JoinToken {
        char *app_id;
        char *job_id;
        char *purpose;     /* "bake" or "instance" */
        char *instance_id; /* the only one that may use it; NULL: not known when it was made */
        int64_t expires_us;
} JoinToken;
void join_token_clear(JoinToken *token);
static inline void join_token_clearp(JoinToken *token) {
        join_token_clear(token);
}

/* hash: SHA-256 hex of the token; the token itself is never stored. */
bool join_token_store_insert(Store *store, const char *hash, const JoinToken *token, Error **err);
bool join_token_store_bind(Store *store, const char *hash, const char *instance_id, Error **err);
/* Uses it up. FORBIDDEN: unknown, expired, bound to another instance, or used ("join token: already used").
 * The same instance with the same key (request_sha256) may repeat its enrolment: the answer may have been
 * lost. */
bool join_token_store_use(
        Store *store, const char *hash, const char *instance_id, const char *request_sha256, JoinToken *ret,
        Error **err);

/* Receipts by task and agent; the bytes are the packed message. Storing one twice is success. */
bool receipt_store_put(
        Store *store, const char *task_id, const char *job_id, const char *agent_id, const void *bytes,
        size_t length, Error **err);
/* Of that agent: what another one says of the task does not count. *ret stays NULL when there is none. Caller
 * frees. */
bool receipt_store_get(
        Store *store, const char *task_id, const char *agent_id, void **ret, size_t *ret_length, Error **err);
