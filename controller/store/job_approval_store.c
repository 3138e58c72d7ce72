#include "store/job_approval_store.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/job_store.h"
#include "store/notification_store.h"

static char *step_of(const char *point) {
        return xasprintf("approval:%s", point);
}

static bool set_question(Store *store, const char *job_id, Document *question, Error **err) {
        CLEANUP(document_free) Document *members = document_object();

        document_set(members, "approval", question);
        return collection_patch(store, COLLECTION_JOBS, job_id, members, true, err);
}

static bool ask_inside(
        Store *store, const char *job_id, const char *point, const char *question, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(free) char *date = clock_format_http(clock_now_us());

        if (!collection_get(store, COLLECTION_JOBS, job_id, &job, err))
                return false;
        if (text_equal(document_get_string(job, "approval.point"), point))
                return true;
        Document *approval = document_object();
        document_set_string(approval, "point", point);
        document_set_string(approval, "question", question);
        document_set_string(approval, "asked_at", date);
        return set_question(store, job_id, approval, err) && notification_store_add_event(store, job_id, err);
}

bool job_approval_ask(
        Store *store, const char *job_id, const char *point, const char *question, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!ask_inside(store, job_id, point, question, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool job_approval_withdraw(Store *store, const char *job_id, Error **err) {
        return set_question(store, job_id, document_null(), err);
}

bool job_approval_given(Store *store, const char *job_id, const char *point, char **ret, Error **err) {
        CLEANUP(free) char *step = step_of(point);
        JobStepState state = JOB_STEP_NONE;

        return job_store_get_step(store, job_id, step, &state, ret, err);
}

static bool give_inside(Store *store, const char *job_id, const char *point, const char *by, Error **err) {
        CLEANUP(document_free) Document *job = NULL;

        if (!collection_get(store, COLLECTION_JOBS, job_id, &job, err))
                return false;
        const char *asked = document_get_string(job, "approval.point");
        CLEANUP(free) char *step = step_of(asked);
        if (!*asked || !text_equal(document_get_string(job, "status"), "started"))
                return error_set(
                        err, ERROR_INVALID, "This job waits for no approval (its status is %s)",
                        document_get_string(job, "status"));
        if (*point && !text_equal(point, asked))
                return error_set(
                        err, ERROR_INVALID, "This job waits for the approval of \"%s\", not of \"%.80s\"",
                        asked, point);
        return job_store_set_step(store, job_id, step, JOB_STEP_DONE, by, err) &&
               job_approval_withdraw(store, job_id, err);
}

bool job_approval_give(Store *store, const char *job_id, const char *point, const char *by, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!give_inside(store, job_id, point, by, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}
