/* Enrolment: how a new instance gets an identity on the link, and how an identity is renewed and refused.
 * Thread-safe. */
#pragma once

#include "agents/admission.h"
#include "agents/agent_program.h"
#include "agents/link_identity.h"
#include "hub/hub.h"
#include "jobs/steps/ec2_work.h"
#include "store/store.h"

typedef struct Enrolment {
        Store *store;
        const LinkIdentity *identity;
        const char *link_address; /* host:port that goes into user data */
        int64_t certificate_lifetime_ms;
        int64_t join_token_lifetime_ms;
        Admission *admission;        /* of instances of groups; NULL: none are let in */
        const AgentProgram *program; /* NULL: builders' images have the agent */
} Enrolment;

/* A token that works once, for an instance of this application; purpose "bake" or "instance". For "group"
 * (model/scaling_group.h) it is the one that all instances of the application's group share. */
bool enrolment_make_join_info(
        const Enrolment *enrolment, const char *app_id, const char *job_id, const char *purpose,
        JoinInfo *ret, Error **err);

bool enrolment_enrol(
        const Enrolment *enrolment, const Ghost__Enrol *request, const char *address, HubEnrolment *ret,
        Error **err);
/* FORBIDDEN: unknown, revoked, or a certificate that is not the agent's newest or the one before. */
bool enrolment_authenticate(
        const Enrolment *enrolment, const char *agent_id, const char *fingerprint, Error **err);
bool enrolment_renew(
        const Enrolment *enrolment, const char *agent_id, const char *request, char **ret_certificate,
        Error **err);
