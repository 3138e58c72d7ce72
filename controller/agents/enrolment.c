#include "agents/enrolment.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "model/scaling_group.h"
#include "store/agent_store.h"
#include "store/group_token.h"
#include "store/instance_store.h"

enum { TOKEN_BYTES = 32, REQUEST_MAX_BYTES = 16 * 1024, FACT_MAX_BYTES = 256 };

/* ---- tokens ---- */

static bool make_single_token(
        const Enrolment *enrolment, const char *app_id, const char *job_id, const char *purpose, char **ret,
        Error **err) {
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
        *ret = TAKE(token);
        return true;
}

bool enrolment_make_join_info(
        const Enrolment *enrolment, const char *app_id, const char *job_id, const char *purpose,
        JoinInfo *ret, Error **err) {
        char *token = NULL;
        bool made = text_equal(purpose, JOIN_PURPOSE_GROUP)
                            ? group_token_make(enrolment->store, app_id, &token, err)
                            : make_single_token(enrolment, app_id, job_id, purpose, &token, err);

        if (!made)
                return false;
        *ret = (JoinInfo){
                .controller = xstrdup(enrolment->link_address),
                .server_name = xstrdup(LINK_SERVER_NAME),
                .token = token,
                .ca_pem = xstrdup(authority_certificate(link_identity_authority(enrolment->identity))),
        };
        if (!enrolment->program || !text_equal(purpose, "bake"))
                return true;
        ret->agent_key = signing_key_public_pem(link_identity_release_key(enrolment->identity));
        return agent_program_describe(enrolment->program, &ret->agent_url, &ret->agent_sha256, err);
}

/* ---- who may ---- */

static AdmissionRequest admission_request(const Ghost__Enrol *request, const char *app_id) {
        return (AdmissionRequest){ .app_id = app_id,
                                   .instance_id = request->facts->instance_id,
                                   .document = request->identity_document.data,
                                   .document_length = request->identity_document.len };
}

/* One that has been here keeps its identity: whoever shows the same document again has copied it. A stop and
 * a start make it a new document. An enrolment whose answer was lost may be repeated. */
static bool check_repeated(const Enrolment *enrolment, const InstanceIdentity *identity, Error **err) {
        CLEANUP(document_free) Document *known = NULL;

        if (!instance_store_find(enrolment->store, identity->instance_id, &known, err))
                return false;
        return !known || !*document_get_string(known, "last_seen") ||
               document_get_int(known, "pending_us") < identity->pending_us ||
               error_set(
                       err, ERROR_FORBIDDEN,
                       "instance %s has joined already; it may again after it was stopped and started",
                       identity->instance_id);
}

static bool admit(
        const Enrolment *enrolment, const Ghost__Enrol *request, const char *app_id, JoinToken *ret,
        int64_t *ret_pending_us, Error **err) {
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };
        const AdmissionRequest asked = admission_request(request, app_id);

        if (!enrolment->admission)
                return error_set(err, ERROR_FORBIDDEN, "this controller lets in no instances of groups");
        if (!admission_ask(enrolment->admission, &asked, &identity, err) ||
            !check_repeated(enrolment, &identity, err))
                return false;
        *ret = (JoinToken){ .app_id = xstrdup(app_id),
                            .job_id = xstrdup(""),
                            .purpose = xstrdup(JOIN_PURPOSE_GROUP),
                            .instance_id = xstrdup(identity.instance_id) };
        *ret_pending_us = identity.pending_us;
        return true;
}

/* A token that works once says enough; a document that comes with it must not say otherwise. */
static bool use_single_token(
        const Enrolment *enrolment, const Ghost__Enrol *request, JoinToken *ret, Error **err) {
        CLEANUP(free) char *hash = crypto_sha256_hex(request->token, strlen(request->token));
        CLEANUP(free)
        char *request_hash =
                crypto_sha256_hex(request->certificate_request, strlen(request->certificate_request));

        if (!join_token_store_use(
                    enrolment->store, hash, request->facts->instance_id, request_hash, ret, err))
                return false;
        const AdmissionRequest shown = admission_request(request, ret->app_id);
        return !enrolment->admission || shown.document_length == 0 ||
               admission_compare(enrolment->admission, &shown, err);
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

typedef struct Newcomer {
        JoinToken token;
        Agent agent;
        int64_t pending_us; /* of its identity document; 0: it showed none */
        const char *address;
} Newcomer;

static bool record_instance(
        const Enrolment *enrolment, const Newcomer *newcomer, const Ghost__Enrol *request, Error **err) {
        const JoinToken *token = &newcomer->token;
        const Agent *agent = &newcomer->agent;
        CLEANUP(document_free) Document *members = document_object();

        document_set_string(members, "app_id", token->app_id);
        document_set_string(members, "agent_id", agent->id);
        document_set_string(members, "job_id", token->job_id);
        document_set_string(members, "purpose", token->purpose);
        document_set_string(members, "state", strcmp(token->purpose, "bake") == 0 ? "building" : "enrolled");
        document_set_string(members, "private_ip", request->facts->private_ip);
        document_set_string(members, "image_id", request->facts->image_id);
        document_set_string(members, "agent_version", request->agent_version);
        document_set_string(members, "address", newcomer->address);
        document_set_string(members, "last_seen", "");
        document_set_int(members, "pending_us", newcomer->pending_us);
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

static void newcomer_clearp(Newcomer *newcomer) {
        join_token_clear(&newcomer->token);
        agent_clear(&newcomer->agent);
}

bool enrolment_enrol(
        const Enrolment *enrolment, const Ghost__Enrol *request, const char *address, HubEnrolment *ret,
        Error **err) {
        CLEANUP(newcomer_clear) Newcomer newcomer = { .address = address };
        CLEANUP(free) char *certificate = NULL, *group_app_id = NULL;
        Agent *agent = &newcomer.agent;

        if (!check_facts(request, err) ||
            !group_token_check(enrolment->store, request->token, &group_app_id, err))
                return false;
        agent->id = crypto_new_id();
        agent->instance_id = xstrdup(request->facts->instance_id);
        if (!sign(enrolment, agent->id, request->certificate_request, &certificate, &agent->fingerprint, err))
                return false;
        bool welcome = group_app_id ? admit(enrolment, request, group_app_id, &newcomer.token,
                                            &newcomer.pending_us, err)
                                    : use_single_token(enrolment, request, &newcomer.token, err);
        if (!welcome)
                return false;
        agent->app_id = xstrdup(newcomer.token.app_id);
        if (!revoke_former(enrolment, agent->instance_id, err) ||
            !agent_store_insert(enrolment->store, agent, err) ||
            !record_instance(enrolment, &newcomer, request, err))
                return false;

        log_info("instance %s enrolled as agent %s from %s", agent->instance_id, agent->id, address);
        ret->agent_id = TAKE(agent->id);
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
