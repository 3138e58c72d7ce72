#include "agents/admission.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "agents/admission_check.h"
#include "aws/app_place.h"
#include "aws/sts.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/app_troubles.h"
#include "store/collection.h"

enum {
        CASES_MAX = 2000,
        BATCH_MAX = 50, /* ids of one DescribeAutoScalingInstances */
        CHECK_TIMEOUT_MS = 30000,
        GRANTED_MS = 60000, /* long enough for the agent to come again */
        REFUSED_MS = 20000, /* then AWS is asked again: what it shows lags behind */
        DOUBT_MS = 2000,
        TROUBLE_MS = 600000, /* whoever has not asked for so long is gone */
};

typedef enum CaseState { CASE_WAITING, CASE_ASKED, CASE_GRANTED, CASE_REFUSED, CASE_DOUBTFUL } CaseState;

typedef struct Case {
        char *app_id;
        InstanceIdentity identity;
        CaseState state;
        char *why;         /* REFUSED, DOUBTFUL */
        Deadline kept_for; /* once there is a verdict */
} Case;

struct Admission {
        AdmissionSpec spec;
        AppTroubles *troubles;
        pthread_t thread;
        pthread_mutex_t lock; /* guards all below */
        pthread_cond_t changed;
        bool stopping;
        Case *cases[CASES_MAX];
        size_t count;

        char *own_account; /* the thread's: asked once */
};

static void case_free(Case *one) {
        free(one->app_id);
        instance_identity_clear(&one->identity);
        free(one->why);
        free(one);
}

/* ---- what AWS says ---- */

static bool is_stopping(void *context) {
        Admission *admission = context;

        pthread_mutex_lock(&admission->lock);
        bool stopping = admission->stopping;
        pthread_mutex_unlock(&admission->lock);
        return stopping;
}

static bool account_of(Admission *admission, AwsSession *session, const char **ret, Error **err) {
        CLEANUP(caller_identity_clear) CallerIdentity caller = { 0 };

        if (session->role) {
                *ret = session->role->account_id;
                return true;
        }
        if (!admission->own_account) {
                if (!sts_get_caller_identity(session, &caller, err))
                        return false;
                admission->own_account = TAKE(caller.account);
        }
        *ret = admission->own_account;
        return true;
}

typedef struct Batch {
        Case *cases[BATCH_MAX]; /* of one application; nobody else changes them while they are asked about */
        size_t count;
        StringList ids;
} Batch;

static void conclude(Admission *admission, Case *one, bool granted, Error *why) {
        bool refused = !granted && error_kind(why) == ERROR_FORBIDDEN;

        if (!granted)
                log_info("instance %s does not join: %s", one->identity.instance_id, error_message(why));
        pthread_mutex_lock(&admission->lock);
        one->state = granted ? CASE_GRANTED : refused ? CASE_REFUSED : CASE_DOUBTFUL;
        free(one->why);
        one->why = granted ? NULL : xstrdup(error_message(why));
        one->kept_for = deadline_after_ms(granted ? GRANTED_MS : refused ? REFUSED_MS : DOUBT_MS);
        pthread_mutex_unlock(&admission->lock);
        error_free(why);
}

static bool ask_aws(
        Admission *admission, const Document *app, const Batch *batch, AdmissionCase *ret,
        Ec2Instances *instances, AsgInstances *members, Error **err) {
        AppPlace place;

        app_place_read(app, &place);
        AwsSession session = { .aws = admission->spec.aws,
                               .region = place.region,
                               .role = app_place_role(&place),
                               .deadline = deadline_after_ms(CHECK_TIMEOUT_MS),
                               .cancelled = is_stopping,
                               .context = admission };
        return account_of(admission, &session, &ret->account_id, err) &&
               ec2_find_instances(&session, &batch->ids, instances, err) &&
               asg_describe_instances(&session, &batch->ids, members, err);
}

/* That AWS could not be asked concerns people; what it answers concerns the instance. */
static void tell_trouble(Admission *admission, const Document *app, const Batch *batch, const Error *failed) {
        if (!app || is_stopping(admission))
                return;
        if (!failed)
                app_troubles_forget_app(admission->troubles, batch->cases[0]->app_id);
        for (size_t i = 0; failed && i < batch->count; i++)
                app_troubles_tell(
                        admission->troubles, app, batch->cases[i]->identity.instance_id,
                        error_message(failed));
}

static void decide(Admission *admission, Batch *batch) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(ec2_instances_clear) Ec2Instances instances = { 0 };
        CLEANUP(asg_instances_clear) AsgInstances members = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        AdmissionCase one = { .instances = &instances,
                              .members = &members,
                              .now_us = clock_now_us(),
                              .window_ms = admission->spec.window_ms };
        bool asked =
                collection_get(
                        admission->spec.store, COLLECTION_APPS, batch->cases[0]->app_id, &app, &failed) &&
                ask_aws(admission, app, batch, &one, &instances, &members, &failed);

        one.app = app;
        tell_trouble(admission, app, batch, failed);
        for (size_t i = 0; i < batch->count; i++) {
                Error *why = NULL;

                one.identity = &batch->cases[i]->identity;
                if (!asked)
                        error_set(&why, ERROR_UNAVAILABLE, "%s", error_message(failed));
                bool granted = asked && admission_check(&one, &why);
                conclude(admission, batch->cases[i], granted, why);
        }
}

/* ---- the thread ---- */

/* Waiting cases of one application, so that AWS is asked once for all. Call with the lock held. */
static void take_batch(Admission *admission, Batch *ret) {
        for (size_t i = 0; i < admission->count && ret->count < BATCH_MAX; i++) {
                Case *one = admission->cases[i];

                if (one->state != CASE_WAITING ||
                    (ret->count > 0 && !text_equal(one->app_id, ret->cases[0]->app_id)))
                        continue;
                one->state = CASE_ASKED;
                ret->cases[ret->count++] = one;
                string_list_add(&ret->ids, one->identity.instance_id);
        }
}

static void *run(void *argument) {
        Admission *admission = argument;

        for (;;) {
                Batch batch = { 0 };

                pthread_mutex_lock(&admission->lock);
                while (!admission->stopping && batch.count == 0) {
                        take_batch(admission, &batch);
                        if (batch.count == 0)
                                pthread_cond_wait(&admission->changed, &admission->lock);
                }
                bool stopping = admission->stopping;
                pthread_mutex_unlock(&admission->lock);
                if (!stopping)
                        decide(admission, &batch);
                string_list_clear(&batch.ids);
                if (stopping)
                        return NULL;
        }
}

/* ---- who asks ---- */

static void forget_old(Admission *admission) {
        size_t kept = 0;

        for (size_t i = 0; i < admission->count; i++) {
                Case *one = admission->cases[i];

                if (one->state > CASE_ASKED && deadline_passed(one->kept_for))
                        case_free(one);
                else
                        admission->cases[kept++] = one;
        }
        admission->count = kept;
}

static Case *find_case(Admission *admission, const char *app_id, const InstanceIdentity *identity) {
        for (size_t i = 0; i < admission->count; i++) {
                Case *one = admission->cases[i];

                if (text_equal(one->app_id, app_id) &&
                    text_equal(one->identity.instance_id, identity->instance_id) &&
                    one->identity.pending_us == identity->pending_us)
                        return one;
        }
        return NULL;
}

/* Takes the identity when a case of it is opened. Call with the lock held. */
static bool verdict(Admission *admission, const char *app_id, InstanceIdentity *identity, Error **err) {
        Case *one = find_case(admission, app_id, identity);

        if (!one) {
                if (admission->count >= CASES_MAX)
                        return error_set(err, ERROR_UNAVAILABLE, "too many instances ask to join, ask again");
                one = xcalloc(1, sizeof(*one));
                one->app_id = xstrdup(app_id);
                one->identity = *identity;
                *identity = (InstanceIdentity){ 0 };
                admission->cases[admission->count++] = one;
                pthread_cond_signal(&admission->changed);
        }
        if (one->state == CASE_GRANTED)
                return true;
        if (one->state == CASE_REFUSED)
                return error_set(err, ERROR_FORBIDDEN, "%s", one->why);
        return error_set(err, ERROR_UNAVAILABLE, "%s", one->why ? one->why : "AWS is being asked, ask again");
}

static bool open_document(
        const AdmissionSpec *spec, const AdmissionRequest *request, InstanceIdentity *ret, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(error_free) Error *absent = NULL;
        AppPlace place;

        if (request->document_length == 0)
                return error_set(
                        err, ERROR_FORBIDDEN,
                        "an instance of a group has to show its identity document (IMDSv2)");
        if (!collection_get(spec->store, COLLECTION_APPS, request->app_id, &app, &absent))
                return error_set(
                        err, error_kind(absent) == ERROR_NOT_FOUND ? ERROR_FORBIDDEN : error_kind(absent),
                        "the application of this token: %s", error_message(absent));
        app_place_read(app, &place);
        const char *region = place.region ? place.region : aws_region(spec->aws);
        const char *pem =
                spec->certificate_pem ? spec->certificate_pem : instance_identity_certificate(region);
        if (!region || !pem)
                return error_set(
                        err, ERROR_UNAVAILABLE,
                        "no certificate is known for identity documents of region %s; set "
                        "aws.identity_certificate",
                        region ? region : "(none)");
        return instance_identity_open(request->document, request->document_length, region, pem, ret, err);
}

bool admission_ask(
        Admission *admission, const AdmissionRequest *request, InstanceIdentity *ret, Error **err) {
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };
        CLEANUP(instance_identity_clear) InstanceIdentity shown = { 0 };

        if (!open_document(&admission->spec, request, &identity, err))
                return false;
        if (!text_equal(identity.instance_id, request->instance_id))
                return error_set(
                        err, ERROR_FORBIDDEN, "the identity document is of instance %s",
                        identity.instance_id);
        shown = (InstanceIdentity){ .account_id = xstrdup(identity.account_id),
                                    .region = xstrdup(identity.region),
                                    .instance_id = xstrdup(identity.instance_id),
                                    .image_id = xstrdup(identity.image_id),
                                    .private_ip = xstrdup(identity.private_ip),
                                    .pending_us = identity.pending_us };
        pthread_mutex_lock(&admission->lock);
        forget_old(admission);
        bool granted = verdict(admission, request->app_id, &identity, err);
        pthread_mutex_unlock(&admission->lock);
        if (!granted)
                return false;
        *ret = shown;
        shown = (InstanceIdentity){ 0 };
        return true;
}

bool admission_compare(Admission *admission, const AdmissionRequest *request, Error **err) {
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };
        CLEANUP(error_free) Error *doubt = NULL;

        if (!open_document(&admission->spec, request, &identity, &doubt)) {
                log_warn("instance %s: %s", request->instance_id, error_message(doubt));
                return true;
        }
        return text_equal(identity.instance_id, request->instance_id) ||
               error_set(
                       err, ERROR_FORBIDDEN, "the identity document is of instance %s", identity.instance_id);
}

Document *admission_describe_troubles(Admission *admission) {
        app_troubles_forget_before(admission->troubles, clock_monotonic_ms() - TROUBLE_MS);
        return app_troubles_describe(admission->troubles);
}

/* ---- life ---- */

static void destroy(Admission *admission) {
        for (size_t i = 0; i < admission->count; i++)
                case_free(admission->cases[i]);
        pthread_cond_destroy(&admission->changed);
        pthread_mutex_destroy(&admission->lock);
        app_troubles_free(admission->troubles);
        free(admission->own_account);
        free(admission);
}

Admission *admission_start(const AdmissionSpec *spec, Error **err) {
        Admission *admission = xcalloc(1, sizeof(*admission));

        admission->spec = *spec;
        admission->troubles = app_troubles_new();
        pthread_mutex_init(&admission->lock, NULL);
        pthread_cond_init(&admission->changed, NULL);
        if (pthread_create(&admission->thread, NULL, run, admission) == 0)
                return admission;
        error_set(err, ERROR_UNAVAILABLE, "no thread for admissions");
        destroy(admission);
        return NULL;
}

void admission_stop(Admission *admission) {
        if (!admission)
                return;

        pthread_mutex_lock(&admission->lock);
        admission->stopping = true;
        pthread_cond_broadcast(&admission->changed);
        pthread_mutex_unlock(&admission->lock);
        pthread_join(admission->thread, NULL);
        destroy(admission);
}
