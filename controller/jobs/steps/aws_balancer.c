#include "jobs/steps/aws_balancer.h"

#include <stdlib.h>
#include <string.h>

#include "aws/elb.h"
#include "base/memory.h"
#include "jobs/steps/balancer_places.h"
#include "jobs/steps/balancer_return.h"

enum { DRAINING_MARGIN_MS = 30 * 1000, SECOND_MS = 1000 };

#define STEP_OF "balancer.of"   /* "target-group ARN" and "classic NAME": what the job works with */
#define STEP_OUT "balancer.out" /* .NAME: what was taken out; empty: put back */
#define STEP_NAMES "balancer.names"

/* ---- which ---- */

static void write_group(const AutoScalingGroup *group, StringList *ret) {
        for (size_t i = 0; i < group->target_group_arns.count; i++)
                string_list_addf(ret, "target-group %s", group->target_group_arns.items[i]);
        for (size_t i = 0; i < group->load_balancers.count; i++)
                string_list_addf(ret, "classic %s", group->load_balancers.items[i]);
}

static void read_group(const StringList *lines, AutoScalingGroup *ret) {
        for (size_t i = 0; i < lines->count; i++) {
                const char *line = lines->items[i], *name = strchr(line, ' ');

                if (!name)
                        continue;
                string_list_add(
                        text_starts_with(line, "classic ") ? &ret->load_balancers : &ret->target_group_arns,
                        name + 1);
        }
}

/* What is being detached gets no new instances, and is none of a deploy's business. */
static void drop_detached(StringList *names, const AsgAttachments *attachments) {
        CLEANUP(string_list_clear) StringList all = *names;

        *names = (StringList){ 0 };
        for (size_t i = 0; i < all.count; i++) {
                bool detached = false;

                for (size_t j = 0; j < attachments->count; j++)
                        detached = detached || (text_equal(attachments->items[j].name, all.items[i]) &&
                                                (text_equal(attachments->items[j].state, "Removing") ||
                                                 text_equal(attachments->items[j].state, "Removed")));
                if (!detached)
                        string_list_add(names, all.items[i]);
        }
}

static bool keep_attached(Ec2Work *work, AutoScalingGroup *group, Error **err) {
        CLEANUP(asg_attachments_clear) AsgAttachments targets = { 0 };
        CLEANUP(asg_attachments_clear) AsgAttachments classic = { 0 };

        if ((group->target_group_arns.count > 0 &&
             !asg_describe_target_groups(work->session, group->name, &targets, err)) ||
            (group->load_balancers.count > 0 &&
             !asg_describe_load_balancers(work->session, group->name, &classic, err)))
                return false;
        drop_detached(&group->target_group_arns, &targets);
        drop_detached(&group->load_balancers, &classic);
        return true;
}

static bool describe_group(Ec2Work *work, const AwsBalancerSpec *spec, StringList *ret, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        if (text_empty(spec->group))
                return true;
        if (asg_describe_group(work->session, spec->group, &group, &error)) {
                if (!keep_attached(work, &group, err))
                        return false;
                write_group(&group, ret);
                return true;
        }
        if (error_kind(error) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(error);
        return false;
}

/* The group may have another kind than the application says: then nothing it does would help. */
static bool check_type(const AwsBalancer *aws, Error **err) {
        const char *type = aws->spec->type;
        bool classic = text_equal(type, "elb");

        if (text_empty(type) ||
            (classic ? aws->group.load_balancers : aws->group.target_group_arns).count > 0)
                return true;
        return error_set(
                err, ERROR_INVALID,
                "Cannot continue because there is no %s configured in the AutoScaling Group%s%s",
                classic                   ? "ELB"
                : text_equal(type, "nlb") ? "NLB"
                                          : "ALB",
                text_empty(aws->spec->group) ? ": the application names no group" : " ",
                text_empty(aws->spec->group) ? "" : aws->spec->group);
}

void aws_balancer_clear(AwsBalancer *aws) {
        if (aws->jobs_own)
                aws->work->session = aws->jobs_own;
        auto_scaling_group_clear(&aws->group);
        *aws = (AwsBalancer){ 0 };
}

/* ---- what is done with it ---- */

static void describe(void *context, Text *ret) {
        const AwsBalancer *aws = context;
        size_t count = 0;

        for (size_t i = 0; i < aws->group.target_group_arns.count; i++)
                text_appendf(
                        ret, "%starget group %s", count++ ? ", " : "",
                        group_balancer_name(aws->group.target_group_arns.items[i]));
        for (size_t i = 0; i < aws->group.load_balancers.count; i++)
                text_appendf(
                        ret, "%sclassic load balancer %s", count++ ? ", " : "",
                        aws->group.load_balancers.items[i]);
}

static bool check(void *context, Error **err) {
        const AwsBalancer *aws = context;
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };

        return asg_describe_group(aws->work->session, aws->spec->group, &group, err) &&
               group_check_members(&group, false, err) && group_balancers_check(aws->work, &aws->group, err);
}

static bool count_healthy(void *context, const StringList *except, size_t *ret, Error **err) {
        const AwsBalancer *aws = context;
        CLEANUP(string_list_clear) StringList healthy = { 0 };

        *ret = 0;
        if (!group_balancers_find_healthy(aws->work, &aws->group, &healthy, err))
                return false;
        for (size_t i = 0; i < healthy.count; i++)
                *ret += !string_list_contains(except, healthy.items[i]);
        return true;
}

static char *out_step(const char *name) {
        return xasprintf(STEP_OUT ".%s", name);
}

static bool recall_places(
        Ec2Work *work, const char *name, BalancerPlaces *ret, bool *ret_known, Error **err) {
        CLEANUP(free) char *step = out_step(name);
        CLEANUP(string_list_clear) StringList lines = { 0 };

        return work_recall_list(work, step, &lines, ret_known, err) && balancer_places_read(&lines, ret, err);
}

/* Before anything is taken out. */
static bool note_places(
        const AwsBalancer *aws, const char *name, const StringList *ids, BalancerPlaces *ret, Error **err) {
        CLEANUP(free) char *step = out_step(name);
        CLEANUP(string_list_clear) StringList lines = { 0 };
        bool known = false;

        if (!recall_places(aws->work, name, ret, &known, err))
                return false;
        if (ret->count > 0)
                return true;
        if (!balancer_places_find(aws->work, &aws->group, ids, ret, err))
                return false;
        balancer_places_write(ret, &lines);
        return work_remember_in_list(aws->work, STEP_NAMES, name, err) &&
               work_remember_list(aws->work, step, &lines, err);
}

static bool wait_drained(const AwsBalancer *aws, const BalancerPlaces *places, Error **err) {
        Ec2Work *work = aws->work;
        int64_t draining_ms = 0;
        bool told = false;

        if (!group_balancers_draining_ms(work, &aws->group, &draining_ms, err))
                return false;
        Deadline deadline = deadline_after_ms(draining_ms + DRAINING_MARGIN_MS);
        for (;;) {
                CLEANUP(text_clear) Text leaving = { 0 };

                if (!balancer_places_find_leaving(work, places, &leaving, err))
                        return false;
                if (leaving.length == 0)
                        return true;
                if (deadline_passed(deadline))
                        return error_set(
                                err, ERROR_TIMEOUT,
                                "connections have not ended %llds after their time: %.600s",
                                (long long) (DRAINING_MARGIN_MS / SECOND_MS), leaving.data);
                if (!told)
                        work_log(
                                work, "Waiting at most %llds: The connection draining time",
                                (long long) (draining_ms / SECOND_MS));
                told = true;
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

static bool take_out(void *context, const char *name, const StringList *ids, Error **err) {
        const AwsBalancer *aws = context;
        CLEANUP(balancer_places_clear) BalancerPlaces all = { 0 };
        CLEANUP(balancer_places_clear) BalancerPlaces places = { 0 };

        if (!note_places(aws, name, ids, &all, err))
                return false;
        balancer_places_select(&all, ids, &places);
        if (places.count == 0) {
                work_log(aws->work, "None of these instances is in a load balancer");
                return true;
        }
        return balancer_places_leave(aws->work, &places, err) && wait_drained(aws, &places, err);
}

/* An instance that has ended cannot be registered, and would make the call fail for all. */
static bool find_running(Ec2Work *work, const StringList *ids, StringList *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (ids->count == 0)
                return true;
        if (!ec2_find_instances(work->session, ids, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (found.items[i].state == EC2_RUNNING)
                        string_list_add(ret, found.items[i].id);
        for (size_t i = 0; i < ids->count; i++)
                if (!string_list_contains(ret, ids->items[i]))
                        work_log(work, "%s does not run any more: it is not put back", ids->items[i]);
        return true;
}

static void ids_of(const BalancerPlaces *places, StringList *ret) {
        for (size_t i = 0; i < places->count; i++)
                if (!string_list_contains(ret, places->items[i].id))
                        string_list_add(ret, places->items[i].id);
}

static bool drop_ended(Ec2Work *work, BalancerPlaces *places, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(string_list_clear) StringList running = { 0 };
        BalancerPlaces left = { 0 };

        ids_of(places, &ids);
        if (!find_running(work, &ids, &running, err))
                return false;
        balancer_places_select(places, &running, &left);
        balancer_places_clear(places);
        *places = left;
        return true;
}

/* What ends meanwhile is not waited for any more. */
static bool wait_in_service(const AwsBalancer *aws, BalancerPlaces *places, Error **err) {
        Ec2Work *work = aws->work;
        Deadline deadline = deadline_after_ms(aws->spec->in_service_ms);
        CLEANUP(free) char *last = NULL;

        for (;;) {
                CLEANUP(text_clear) Text waiting = { 0 };

                if (!balancer_places_find_waiting(work, places, &waiting, err))
                        return false;
                if (waiting.length == 0)
                        return true;
                if (!text_equal(last, waiting.data)) {
                        work_log(
                                work, "Waiting because the instance is not in service in the ELB: %.600s",
                                waiting.data);
                        if (!drop_ended(work, places, err))
                                return false;
                }
                free(last);
                last = xstrdup(waiting.data);
                if (deadline_passed(deadline))
                        return error_set(
                                err, ERROR_TIMEOUT, "not in service within %llds: %.600s",
                                (long long) (aws->spec->in_service_ms / SECOND_MS), last);
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

/* One that ends between the look and the call makes AWS refuse them all. */
static bool join_running(Ec2Work *work, BalancerPlaces *places, Error **err) {
        if (!drop_ended(work, places, err))
                return false;
        for (;;) {
                CLEANUP(error_free) Error *refused = NULL, *unclear = NULL;
                size_t before = places->count;

                if (balancer_places_join(work, places, &refused))
                        return true;
                if (error_kind(refused) == ERROR_CANCELLED || !drop_ended(work, places, &unclear) ||
                    places->count == before) {
                        if (err)
                                *err = TAKE(refused);
                        return false;
                }
        }
}

static bool put_back(void *context, const char *name, const StringList *ids, Error **err) {
        const AwsBalancer *aws = context;
        CLEANUP(balancer_places_clear) BalancerPlaces all = { 0 };
        CLEANUP(balancer_places_clear) BalancerPlaces places = { 0 };
        CLEANUP(free) char *step = out_step(name);
        bool known = false;

        if (!recall_places(aws->work, name, &all, &known, err))
                return false;
        balancer_places_select(&all, ids, &places);
        return join_running(aws->work, &places, err) && wait_in_service(aws, &places, err) &&
               aws->work->remember(aws->work->context, step, "", err);
}

static void going_back(void *context) {
        AwsBalancer *aws = context;

        aws->last = work_last_session(aws->work);
        aws->work->session = &aws->last;
}

/* ---- the whole ---- */

bool aws_balancer_open(
        Ec2Work *work, const AwsBalancerSpec *spec, AwsBalancer *ret, bool *ret_found, Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        bool known = false;

        *ret = (AwsBalancer){ .work = work, .jobs_own = work->session, .spec = spec };
        if (!work_recall_list(work, STEP_OF, &lines, &known, err) ||
            (!known && !describe_group(work, spec, &lines, err)))
                return false;
        ret->group.name = xstrdup(spec->group ? spec->group : "");
        read_group(&lines, &ret->group);
        if (!check_type(ret, err) || (!known && !work_remember_list(work, STEP_OF, &lines, err)))
                return false;
        *ret_found = group_has_balancers(&ret->group);
        ret->balancer = (DeployBalancer){ .describe = describe,
                                          .check = check,
                                          .count_healthy = count_healthy,
                                          .take_out = take_out,
                                          .put_back = put_back,
                                          .going_back = going_back,
                                          .wait_before_ms = spec->wait_before_ms,
                                          .wait_after_ms = spec->wait_after_ms,
                                          .context = ret };
        return true;
}

static bool put_back_one(void *context, const char *name, Error **err) {
        Ec2Work *work = context;
        CLEANUP(balancer_places_clear) BalancerPlaces places = { 0 };
        bool known = false;

        return recall_places(work, name, &places, &known, err) && join_running(work, &places, err);
}

void aws_balancer_put_back_all(Ec2Work *work) {
        balancer_return_all(
                work, &(BalancerReturn){
                              .names = STEP_NAMES,
                              .put_back = put_back_one,
                              .context = work,
                              .left = "Not all instances could be put back into their load balancers",
                              .remedy = "please do it yourself",
                      });
}
