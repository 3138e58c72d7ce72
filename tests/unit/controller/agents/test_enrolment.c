#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/enrolment.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/agent_store.h"
#include "store/instance_store.h"

typedef struct Bench {
        char *folder;
        Store *store;
        LinkIdentity *identity;
        Enrolment enrolment;
        char *key;
} Bench;

static int start(void **state) {
        Bench *bench = xcalloc(1, sizeof(*bench));
        char template[] = "/tmp/ghost-enrolment-XXXXXX";

        assert_non_null(mkdtemp(template));
        bench->folder = xstrdup(template);
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", template);
        assert_ok((bench->store = store_open(&(StoreSpec){ .path = path }, err)));
        assert_ok((bench->identity = link_identity_open(template, err)));
        assert_ok((bench->key = private_key_new(err)));
        bench->enrolment = (Enrolment){
                .store = bench->store,
                .identity = bench->identity,
                .link_address = "controller.example.com:5001",
                .certificate_lifetime_ms = 3600000,
                .join_token_lifetime_ms = 3600000,
        };
        *state = bench;
        return 0;
}

static int stop(void **state) {
        Bench *bench = *state;
        CLEANUP(error_free) Error *why = NULL;

        store_free(bench->store);
        link_identity_free(bench->identity);
        bool removed = file_remove_tree(bench->folder, &why);
        free(bench->folder);
        free(bench->key);
        free(bench);
        return removed ? 0 : -1;
}

static char *make_token(Bench *bench) {
        CLEANUP(join_info_clear) JoinInfo info = { 0 };

        assert_ok(enrolment_make_join_info(&bench->enrolment, "app", "job", "instance", &info, err));
        assert_string_equal(info.controller, "controller.example.com:5001");
        assert_string_equal(info.server_name, "ghost-controller");
        return TAKE(info.token);
}

/* Enrols with this token and key as that instance; what comes of it is the caller's. */
static bool enrol(
        Bench *bench, const char *token, const char *instance_id, const char *request, HubEnrolment *ret,
        Error **err) {
        Ghost__Enrol message = GHOST__ENROL__INIT;
        Ghost__Facts facts = GHOST__FACTS__INIT;

        facts.instance_id = (char *) instance_id;
        facts.private_ip = (char *) "10.0.0.7";
        message.facts = &facts;
        message.token = (char *) token;
        message.certificate_request = (char *) request;
        return enrolment_enrol(&bench->enrolment, &message, "10.0.0.7:4000", ret, err);
}

static void enrolment_clear(HubEnrolment *enrolment) {
        free(enrolment->agent_id);
        free(enrolment->certificate);
        *enrolment = (HubEnrolment){ 0 };
}

static char *request_of(Bench *bench) {
        char *request = NULL;

        assert_ok((request = certificate_request_new(bench->key, "whoever", err)));
        return request;
}

static void authenticate(Bench *bench, const HubEnrolment *made, bool good) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        assert_ok(certificate_read(made->certificate, &facts, err));
        assert_string_equal(facts.common_name, made->agent_id);
        assert_int_equal(
                enrolment_authenticate(&bench->enrolment, made->agent_id, facts.fingerprint, &why), good);
}

static void a_token_makes_an_agent_of_its_application(void **state) {
        Bench *bench = *state;
        CLEANUP(free) char *token = make_token(bench), *request = request_of(bench);
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(agent_clear) Agent agent = { 0 };
        HubEnrolment made = { 0 };

        assert_ok(enrol(bench, token, "i-1", request, &made, err));
        assert_ok(agent_store_get(bench->store, made.agent_id, &agent, err));
        assert_string_equal(agent.app_id, "app");
        assert_ok(instance_store_find(bench->store, "i-1", &instance, err));
        assert_string_equal(document_get_string(instance, "state"), "enrolled");
        assert_string_equal(document_get_string(instance, "private_ip"), "10.0.0.7");
        authenticate(bench, &made, true);
        enrolment_clear(&made);
}

static void a_forged_token_makes_nothing(void **state) {
        Bench *bench = *state;
        CLEANUP(free) char *request = request_of(bench);
        CLEANUP(document_free) Document *instance = NULL;
        HubEnrolment made = { 0 };

        assert_fails(
                ERROR_FORBIDDEN, "join token: unknown", enrol(bench, "forged", "i-1", request, &made, err));
        assert_ok(instance_store_find(bench->store, "i-1", &instance, err));
        assert_null(instance);
}

static void a_token_works_once(void **state) {
        Bench *bench = *state;
        CLEANUP(free) char *token = make_token(bench), *request = request_of(bench);
        CLEANUP(free) char *other_key = NULL, *other_request = NULL;
        HubEnrolment made = { 0 }, thief = { 0 };

        assert_ok((other_key = private_key_new(err)));
        assert_ok((other_request = certificate_request_new(other_key, "thief", err)));
        assert_ok(enrol(bench, token, "i-1", request, &made, err));
        assert_fails(
                ERROR_FORBIDDEN, "join token: already used",
                enrol(bench, token, "i-1", other_request, &thief, err));
        authenticate(bench, &made, true);
        enrolment_clear(&made);
}

/* The answer to the first may have been lost on its way. */
static void the_same_enrolment_may_be_repeated(void **state) {
        Bench *bench = *state;
        CLEANUP(free) char *token = make_token(bench), *request = request_of(bench);
        HubEnrolment first = { 0 }, second = { 0 };

        assert_ok(enrol(bench, token, "i-1", request, &first, err));
        assert_ok(enrol(bench, token, "i-1", request, &second, err));
        authenticate(bench, &second, true);
        authenticate(bench, &first, false);
        enrolment_clear(&first);
        enrolment_clear(&second);
}

static void an_expired_token_is_refused(void **state) {
        Bench *bench = *state;
        HubEnrolment made = { 0 };

        bench->enrolment.join_token_lifetime_ms = -1000;
        CLEANUP(free) char *token = make_token(bench), *request = request_of(bench);
        assert_fails(ERROR_FORBIDDEN, "join token: expired", enrol(bench, token, "i-1", request, &made, err));
}

static void an_enrolment_names_its_instance(void **state) {
        Bench *bench = *state;
        CLEANUP(free) char *token = make_token(bench), *request = request_of(bench);
        HubEnrolment made = { 0 };

        assert_fails(
                ERROR_INVALID, "an enrolment names its instance",
                enrol(bench, token, "", request, &made, err));
        assert_ok(enrol(bench, token, "i-1", request, &made, err)); /* the token is still good */
        enrolment_clear(&made);
}

static void a_renewed_certificate_counts_and_a_revoked_agent_does_not(void **state) {
        Bench *bench = *state;
        CLEANUP(free) char *token = make_token(bench), *request = request_of(bench);
        HubEnrolment made = { 0 };

        assert_ok(enrol(bench, token, "i-1", request, &made, err));
        free(TAKE(made.certificate));
        assert_ok(enrolment_renew(&bench->enrolment, made.agent_id, request, &made.certificate, err));
        authenticate(bench, &made, true);
        assert_ok(instance_store_set_gone(bench->store, "i-1", err));
        authenticate(bench, &made, false);
        enrolment_clear(&made);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_token_makes_an_agent_of_its_application),
                TEST(a_forged_token_makes_nothing),
                TEST(a_token_works_once),
                TEST(the_same_enrolment_may_be_repeated),
                TEST(an_expired_token_is_refused),
                TEST(an_enrolment_names_its_instance),
                TEST(a_renewed_certificate_counts_and_a_revoked_agent_does_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
