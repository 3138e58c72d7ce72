#include "jobs/steps/rolling_batch.h"

#include <stdlib.h>

#include "aws/autoscaling.h"
#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "jobs/steps/group_balancers.h"
#include "jobs/steps/group_refresh.h"

enum { ACTIVITIES = 5 };

/* "before raised"; empty: restored. */
#define STEP_MAX "rolling.max"
/* .N: the desired capacity before it, and the members then. */
#define STEP_BATCH "rolling.batch"
/* .N: its new instances are in service, the old ones are being ended. */
#define STEP_ENDING "rolling.ending"

typedef struct Batch {
        Ec2Work *work;
        const RollingBatch *spec;
        int64_t base;     /* the desired capacity before and after */
        StringList known; /* members before */
        AutoScalingGroup group;
} Batch;

static void batch_clearp(Batch *batch) {
        string_list_clear(&batch->known);
        auto_scaling_group_clear(&batch->group);
}

static bool look(Batch *batch, Error **err) {
        auto_scaling_group_clear(&batch->group);
        return asg_describe_group(batch->work->session, batch->spec->group, &batch->group, err);
}

static bool is_leaving(const AsgInstance *instance) {
        return instance->state == ASG_TERMINATING || instance->state == ASG_TERMINATING_WAIT ||
               instance->state == ASG_TERMINATING_PROCEED || instance->state == ASG_TERMINATED ||
               instance->state == ASG_DETACHING || instance->state == ASG_DETACHED;
}

static void find_old(const Batch *batch, StringList *ret) {
        for (size_t i = 0; i < batch->group.instances.count; i++) {
                const AsgInstance *instance = &batch->group.instances.items[i];

                if (!is_leaving(instance) && string_list_contains(batch->spec->old, instance->id))
                        string_list_add(ret, instance->id);
        }
}

/* ---- the job's memory ---- */

static char *numbered(const char *step, const Batch *batch) {
        return xasprintf("%s.%zu", step, batch->spec->number);
}

static bool read_number(const char *text, int64_t *ret, Error **err) {
        uint64_t number = 0;

        if (!text_parse_uint(text, 0, INT32_MAX, &number, err))
                return false;
        *ret = (int64_t) number;
        return true;
}

static bool recall_batch(Batch *batch, bool *ret_known, Error **err) {
        CLEANUP(free) char *step = numbered(STEP_BATCH, batch);
        CLEANUP(string_list_clear) StringList lines = { 0 };

        if (!work_recall_list(batch->work, step, &lines, ret_known, err))
                return false;
        if (lines.count > 0 && !read_number(lines.items[0], &batch->base, err))
                return false;
        for (size_t i = 1; i < lines.count; i++)
                string_list_add(&batch->known, lines.items[i]);
        return true;
}

static bool remember_batch(Batch *batch, Error **err) {
        CLEANUP(free) char *step = numbered(STEP_BATCH, batch);
        CLEANUP(string_list_clear) StringList lines = { 0 };

        batch->base = batch->group.desired_capacity;
        string_list_addf(&lines, "%lld", (long long) batch->base);
        for (size_t i = 0; i < batch->group.instances.count; i++) {
                string_list_add(&lines, batch->group.instances.items[i].id);
                string_list_add(&batch->known, batch->group.instances.items[i].id);
        }
        return work_remember_list(batch->work, step, &lines, err);
}

/* *ret_known false: it was not raised, or has been restored. */
static bool recall_max(
        Ec2Work *work, int64_t *ret_before, int64_t *ret_raised, bool *ret_known, Error **err) {
        CLEANUP(free) char *text = NULL;
        CLEANUP(string_list_clear) StringList parts = { 0 };

        *ret_known = false;
        if (!work->recall(work->context, STEP_MAX, &text, err))
                return false;
        if (text_empty(text))
                return true;
        text_split(text, ' ', &parts);
        *ret_known = true;
        return read_number(parts.items[0], ret_before, err) &&
               read_number(parts.count > 1 ? parts.items[1] : "", ret_raised, err);
}

/* ---- more instances ---- */

static bool raise_max(Batch *batch, int64_t wanted, Error **err) {
        int64_t before = batch->group.max_size, raised = 0;
        bool known = false;
        AsgSpec change = ASG_SPEC(batch->spec->group);

        if (!recall_max(batch->work, &before, &raised, &known, err))
                return false;
        CLEANUP(free) char *memory = xasprintf("%lld %lld", (long long) before, (long long) wanted);
        change.max_size = wanted;
        work_log(
                batch->work, "Auto Scaling group %s: max %lld to %lld for a while", batch->spec->group,
                (long long) batch->group.max_size, (long long) wanted);
        return batch->work->remember(batch->work->context, STEP_MAX, memory, err) &&
               asg_update_group(batch->work->session, &change, err);
}

/* Absolute numbers, so that a repetition changes nothing. */
static bool make_room(Batch *batch, int64_t wanted, Error **err) {
        if (batch->group.max_size < wanted && !raise_max(batch, wanted, err))
                return false;
        if (batch->group.desired_capacity >= wanted)
                return true;
        work_log(
                batch->work, "Auto Scaling group %s: desired capacity %lld to %lld", batch->spec->group,
                (long long) batch->group.desired_capacity, (long long) wanted);
        return asg_set_desired_capacity(batch->work->session, batch->spec->group, wanted, err);
}

/* Why the group launches nothing, in its own words. */
static void add_last_failure(Batch *batch, Text *ret) {
        CLEANUP(asg_activities_clear) AsgActivities found = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        if (!asg_describe_activities(batch->work->session, batch->spec->group, ACTIVITIES, &found, &ignored))
                return;
        for (size_t i = 0; i < found.count; i++)
                if (text_equal(found.items[i].status, "Failed") ||
                    text_equal(found.items[i].status, "Cancelled")) {
                        text_appendf(
                                ret, "; the group says: %s %s", found.items[i].description,
                                found.items[i].message);
                        return;
                }
}

/* *ret_waiting: what is not there yet; empty: all of it is. */
static bool look_at_new(Batch *batch, int64_t wanted, Text *ret_waiting, Error **err) {
        CLEANUP(string_list_clear) StringList in_service = { 0 };

        if (!look(batch, err))
                return false;
        for (size_t i = 0; i < batch->group.instances.count; i++) {
                const AsgInstance *instance = &batch->group.instances.items[i];

                if (instance->state == ASG_IN_SERVICE && text_equal(instance->health, "Healthy"))
                        string_list_add(&in_service, instance->id);
                else if (!is_leaving(instance))
                        text_appendf(
                                ret_waiting, "%s%s is %s", ret_waiting->length > 0 ? "; " : "", instance->id,
                                asg_instance_state_word(instance->state));
        }
        if ((int64_t) in_service.count < wanted) {
                if (ret_waiting->length == 0)
                        text_appendf(
                                ret_waiting, "%zu of %lld instances are in service", in_service.count,
                                (long long) wanted);
                return true;
        }
        text_clear(ret_waiting); /* of a member that the group is replacing by itself */
        return group_balancers_find_waiting(batch->work, &batch->group, &in_service, ret_waiting, err);
}

static bool fail_waiting(Batch *batch, const char *waiting, const char *why, Error **err) {
        CLEANUP(text_clear) Text message = { 0 };

        text_appendf(&message, "%s: %.600s", why, waiting);
        add_last_failure(batch, &message);
        return error_set(err, ERROR_TIMEOUT, "%s", message.data);
}

static bool wait_ready(Batch *batch, int64_t wanted, Error **err) {
        Deadline deadline = deadline_after_ms(batch->spec->ready_timeout_ms);
        CLEANUP(free) char *last = NULL;

        for (;;) {
                CLEANUP(text_clear) Text waiting = { 0 };

                if (!look_at_new(batch, wanted, &waiting, err))
                        return false;
                if (waiting.length == 0)
                        return true;
                if (!text_equal(last, waiting.data))
                        work_log(batch->work, "Waiting: %.600s", waiting.data);
                free(last);
                last = xstrdup(waiting.data);
                if (string_list_contains(&batch->group.suspended_processes, "Launch"))
                        return fail_waiting(
                                batch, last, "the process Launch of the group was suspended meanwhile", err);
                if (deadline_passed(deadline))
                        return fail_waiting(batch, last, "the new instances did not come into service", err);
                if (!aws_session_sleep(
                            batch->work->session, aws_poll_interval_ms(batch->work->session->aws), err))
                        return error_prefix(err, "%.600s", last);
        }
}

/* ---- fewer ---- */

/* Ends at most as many as there are too many. */
static bool end_surplus(Batch *batch, const StringList *ids, Error **err) {
        int64_t desired = batch->group.desired_capacity;

        for (size_t i = 0; i < ids->count && desired > batch->base; i++, desired--) {
                work_log(
                        batch->work, "Ending %s through Auto Scaling group %s", ids->items[i],
                        batch->spec->group);
                if (!asg_terminate_instance(batch->work->session, ids->items[i], true, err))
                        return false;
        }
        return true;
}

static bool is_any_there(const Batch *batch) {
        for (size_t i = 0; i < batch->group.instances.count; i++)
                if (string_list_contains(batch->spec->old, batch->group.instances.items[i].id))
                        return true;
        return false;
}

static bool fail_leaving(const Batch *batch, Error **err) {
        CLEANUP(text_clear) Text staying = { 0 };

        for (size_t i = 0; i < batch->group.instances.count; i++) {
                const AsgInstance *instance = &batch->group.instances.items[i];

                if (string_list_contains(batch->spec->old, instance->id))
                        text_appendf(
                                &staying, "%s%s is %s", staying.length > 0 ? "; " : "", instance->id,
                                asg_instance_state_word(instance->state));
        }
        return error_set(
                err, ERROR_TIMEOUT, "the old instances have not left Auto Scaling group %s: %.600s",
                batch->spec->group, staying.data);
}

/* Terminating lets connections drain: that takes as long as the balancers allow. */
static bool wait_left(Batch *batch, Error **err) {
        const Ec2Wait wait = { .progress = work_log_progress, .context = batch->work };
        Ec2Work *work = batch->work;
        int64_t draining_ms = 0;

        if (!group_balancers_draining_ms(work, &batch->group, &draining_ms, err))
                return false;
        Deadline deadline = deadline_after_ms(draining_ms + batch->spec->ready_timeout_ms);
        while (is_any_there(batch)) {
                if (deadline_passed(deadline))
                        return fail_leaving(batch, err);
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err) ||
                    !look(batch, err))
                        return false;
        }
        for (size_t i = 0; i < batch->spec->old->count; i++) {
                const char *id = batch->spec->old->items[i];

                if (!ec2_wait_instance(work->session, id, EC2_TERMINATED, &wait, NULL, err) ||
                    (work->gone && !work->gone(work->context, id, err)))
                        return false;
        }
        return true;
}

/* A lost answer may have made one call two: the group would stay smaller. One that had gone by itself was not
 * counted down: it would stay larger. */
static bool settle(Batch *batch, Error **err) {
        if (!look(batch, err))
                return false;
        if (batch->group.desired_capacity == batch->base)
                return true;
        work_log(
                batch->work, "Auto Scaling group %s: desired capacity back to %lld", batch->spec->group,
                (long long) batch->base);
        return asg_set_desired_capacity(batch->work->session, batch->spec->group, batch->base, err);
}

static bool replace(Batch *batch, const StringList *old, Error **err) {
        CLEANUP(free) char *step = numbered(STEP_ENDING, batch);
        int64_t wanted = batch->base + (int64_t) old->count;

        return make_room(batch, wanted, err) && wait_ready(batch, wanted, err) &&
               batch->work->remember(batch->work->context, step, "yes", err) && look(batch, err) &&
               end_surplus(batch, old, err);
}

bool rolling_batch_run(Ec2Work *work, const RollingBatch *spec, Error **err) {
        CLEANUP(batch_clear) Batch batch = { .work = work, .spec = spec };
        CLEANUP(string_list_clear) StringList old = { 0 };
        bool known = false;

        if (!look(&batch, err) || !recall_batch(&batch, &known, err))
                return false;
        find_old(&batch, &old);
        if (old.count == 0 && !known)
                return true;
        if (!known && (!group_refresh_check(work, spec->group, err) || !remember_batch(&batch, err)))
                return false;
        return (old.count == 0 || replace(&batch, &old, err)) && wait_left(&batch, err) &&
               settle(&batch, err);
}

/* ---- after a failure ---- */

static void find_new(const Batch *batch, StringList *ret) {
        for (size_t i = 0; i < batch->group.instances.count; i++) {
                const AsgInstance *instance = &batch->group.instances.items[i];

                if (!is_leaving(instance) && !string_list_contains(&batch->known, instance->id))
                        string_list_add(ret, instance->id);
        }
}

static bool undo(Batch *batch, Error **err) {
        CLEANUP(string_list_clear) StringList surplus = { 0 };
        CLEANUP(free) char *step = numbered(STEP_ENDING, batch), *ending = NULL;
        CLEANUP(error_free) Error *why = NULL;

        if (!batch->work->recall(batch->work->context, step, &ending, err) || !look(batch, err))
                return false;
        if (ending)
                find_old(batch, &surplus);
        else
                find_new(batch, &surplus);
        if (!end_surplus(batch, &surplus, &why))
                work_log(batch->work, "%s", error_message(why));
        if (!look(batch, err))
                return false;
        if (batch->group.desired_capacity == batch->base)
                return true;
        /* What had not been launched yet is not launched any more. */
        return asg_set_desired_capacity(batch->work->session, batch->spec->group, batch->base, err);
}

static bool undo_known(Batch *batch, Error **err) {
        bool known = false;

        return recall_batch(batch, &known, err) && (!known || undo(batch, err));
}

void rolling_batch_undo(Ec2Work *work, const RollingBatch *spec) {
        CLEANUP(batch_clear) Batch batch = { .work = work, .spec = spec };
        CLEANUP(error_free) Error *error = NULL;
        AwsSession *jobs_own = work->session, session = work_last_session(work);

        work->session = &session;
        if (!undo_known(&batch, &error))
                work_log(
                        work,
                        "Auto Scaling group %s could not be brought back to its size: %s; please check its "
                        "desired capacity yourself",
                        spec->group, error_message(error));
        work->session = jobs_own;
}

static bool restore(Ec2Work *work, const char *name, int64_t before, int64_t raised, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        AsgSpec change = ASG_SPEC(name);

        if (!asg_describe_group(work->session, name, &group, err))
                return false;
        change.max_size = before;
        if (group.max_size != raised && group.max_size != before)
                work_log(
                        work, "Auto Scaling group %s: somebody set max to %lld meanwhile, it stays", name,
                        (long long) group.max_size);
        else if (group.max_size != before) {
                if (!asg_update_group(work->session, &change, err))
                        return false;
                work_log(work, "Auto Scaling group %s: max %lld again", name, (long long) before);
        }
        return work->remember(work->context, STEP_MAX, "", err);
}

static bool restore_known(Ec2Work *work, const char *name, Error **err) {
        int64_t before = 0, raised = 0;
        bool known = false;

        return recall_max(work, &before, &raised, &known, err) &&
               (!known || restore(work, name, before, raised, err));
}

void rolling_restore_max(Ec2Work *work, const char *group) {
        CLEANUP(error_free) Error *error = NULL;
        AwsSession *jobs_own = work->session, session = work_last_session(work);

        work->session = &session;
        if (!restore_known(work, group, &error))
                work_log(
                        work, "Auto Scaling group %s: max could not be set back: %s; please set it yourself",
                        group, error_message(error));
        work->session = jobs_own;
}
