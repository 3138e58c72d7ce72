#include "agents/enrolment.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/agent_store.h"
#include "store/instance_store.h"

enum { TOKEN_BYTES = 32, REQUEST_MAX_BYTES = 16 * 1024, FACT_MAX_BYTES = 256 };

bool enrolment_make_join_info(
        const Enrolment *enrolment, const char *app_id, const char *job_id, const char *purpose,
        JoinInfo *ret, Error **err) {
        CLEANUP(free) char *token = crypto_random_hex(TOKEN_BYTES);
        CLEANUP(free) char *hash = crypto_sha256_hex(token, strlen(token));
        const JoinToken row = {
                .app_id = (char *) app_id,
                .job_id = (char *) job_id,
                .purpose = (char *) purpose,
                .expires_us = clock_now_us() + enrolment->join_token_lifetime_ms * 1000,
        };

        if (!join_token_store_insert(enrolment->store, hash, &row, err))
                return false;
        *ret = (JoinInfo){
                .controller = xstrdup(enrolment->link_address),
                .server_name = xstrdup(LINK_SERVER_NAME),
                .token = TAKE(token),
                .ca_pem = xstrdup(authority_certificate(link_identity_authority(enrolment->identity))),
        };
        return !enrolment->program || !text_equal(purpose, "bake") ||
               agent_program_describe(enrolment->program, &ret->agent_url, &ret->agent_sha256, err);
}

static bool sign(
        const Enrolment *enrolment, const char *agent_id, const char *request, char **ret_certificate,
        char **ret_fingerprint, Error **err) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(free) char *certificate = NULL;
        const CertificateSpec spec = {
                .common_name = agent_id,
                .use = CERTIFICATE_CLIENT,
                .valid_seconds = enrolment->certificate_lifetime_ms / 1000,
        };

        if (strlen(request) > REQUEST_MAX_BYTES)
                return error_set(err, ERROR_INVALID, "the certificate request is too long");
        if (!authority_sign(
                    link_identity_authority(enrolment->identity), request, &spec, &certificate, err) ||
            !certificate_read(certificate, &facts, err))
                return false;
        *ret_certificate = TAKE(certificate);
        *ret_fingerprint = TAKE(facts.fingerprint);
        return true;
}

static bool record_instance(
        const Enrolment *enrolment, const JoinToken *token, const Agent *agent, const Ghost__Enrol *request,
        const char *address, Error **err) {
        CLEANUP(document_free) Document *members = document_object();

        document_set_string(members, "app_id", token->app_id);
        document_set_string(members, "agent_id", agent->id);
        document_set_string(members, "job_id", token->job_id);
        document_set_string(members, "purpose", token->purpose);
        document_set_string(members, "state", strcmp(token->purpose, "bake") == 0 ? "building" : "enrolled");
        document_set_string(members, "private_ip", request->facts->private_ip);
        document_set_string(members, "image_id", request->facts->image_id);
        document_set_string(members, "agent_version", request->agent_version);
        document_set_string(members, "address", address);
        document_set_bool(members, "connected", false);
        document_set_bool(members, "bootstrapped", false);
        document_set(members, "modules", document_array());
        return instance_store_put(enrolment->store, agent->instance_id, members, err);
}

/* A second enrolment of an instance replaces its first identity. */
static bool revoke_former(const Enrolment *enrolment, const char *instance_id, Error **err) {
        CLEANUP(agent_clear) Agent former = { 0 };
        bool found = false;

        return agent_store_find_by_instance(enrolment->store, instance_id, &former, &found, err) &&
               (!found || agent_store_revoke(enrolment->store, former.id, err));
}

static bool check_facts(const Ghost__Enrol *request, Error **err) {
        if (!request->facts || text_empty(request->facts->instance_id))
                return error_set(err, ERROR_INVALID, "an enrolment names its instance");
        if (strlen(request->facts->instance_id) > FACT_MAX_BYTES ||
            strlen(request->facts->private_ip) > FACT_MAX_BYTES ||
            strlen(request->facts->image_id) > FACT_MAX_BYTES)
                return error_set(err, ERROR_INVALID, "an enrolment with facts that long is refused");
        return true;
}

bool enrolment_enrol(
        const Enrolment *enrolment, const Ghost__Enrol *request, const char *address, HubEnrolment *ret,
        Error **err) {
        CLEANUP(join_token_clear) JoinToken token = { 0 };
        CLEANUP(agent_clear) Agent agent = { 0 };
        CLEANUP(free) char *certificate = NULL;
        CLEANUP(free) char *hash = crypto_sha256_hex(request->token, strlen(request->token));
        CLEANUP(free)
        char *request_hash =
                crypto_sha256_hex(request->certificate_request, strlen(request->certificate_request));

        if (!check_facts(request, err))
                return false;
        agent.id = crypto_new_id();
        agent.instance_id = xstrdup(request->facts->instance_id);
        if (!sign(enrolment, agent.id, request->certificate_request, &certificate, &agent.fingerprint, err) ||
            !join_token_store_use(enrolment->store, hash, agent.instance_id, request_hash, &token, err))
                return false;
        agent.app_id = xstrdup(token.app_id);
        if (!revoke_former(enrolment, agent.instance_id, err) ||
            !agent_store_insert(enrolment->store, &agent, err) ||
            !record_instance(enrolment, &token, &agent, request, address, err))
                return false;

        log_info("instance %s enrolled as agent %s from %s", agent.instance_id, agent.id, address);
        ret->agent_id = TAKE(agent.id);
        ret->certificate = TAKE(certificate);
        signing_key_public(link_identity_release_key(enrolment->identity), ret->release_key);
        return true;
}

bool enrolment_authenticate(
        const Enrolment *enrolment, const char *agent_id, const char *fingerprint, Error **err) {
        bool valid = false;

        return agent_store_fingerprint_valid(enrolment->store, agent_id, fingerprint, &valid, err) &&
               (valid || error_set(err, ERROR_FORBIDDEN, "agent %s is not known, or no more", agent_id));
}

bool enrolment_renew(
        const Enrolment *enrolment, const char *agent_id, const char *request, char **ret_certificate,
        Error **err) {
        CLEANUP(free) char *certificate = NULL;
        CLEANUP(free) char *fingerprint = NULL;

        if (!sign(enrolment, agent_id, request, &certificate, &fingerprint, err) ||
            !agent_store_set_fingerprint(enrolment->store, agent_id, fingerprint, err))
                return false;
        *ret_certificate = TAKE(certificate);
        return true;
}
