#include "jobs/steps/job_balancer.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SECOND_MS = 1000 };

static const Document *settings_of(const JobContext *job) {
        return document_get(job->app, "safe-deployment");
}

static void say(JobBalancer *ret, const DeployBalancer *balancer, const char *type) {
        CLEANUP(text_clear) Text names = { 0 };

        ret->balancer = balancer;
        balancer->describe(balancer->context, &names);
        job_log(ret->ec2.job, "Load balancer (%s): %s",
                text_empty(type) ? "as the Auto Scaling group has it" : type, names.data);
}

/* ---- the group's ---- */

static AwsBalancerSpec aws_spec(const JobContext *job) {
        const Document *settings = settings_of(job);

        return (AwsBalancerSpec){
                .group = document_get_string(job->app, "autoscale.name"),
                .type = document_get_string(settings, "load_balancer_type"),
                .in_service_ms = job->services->limits.in_service_ms,
                .wait_before_ms = document_get_int(settings, "wait_before_deploy") * SECOND_MS,
                .wait_after_ms = document_get_int(settings, "wait_after_deploy") * SECOND_MS,
        };
}

static bool open_group(JobBalancer *ret, Error **err) {
        JobContext *job = ret->ec2.job;
        bool found = false;

        ret->aws_spec = aws_spec(job);
        const char *type = ret->aws_spec.type;
        if (!job->services->aws)
                return text_empty(type) ||
                       error_set(
                               err, ERROR_INVALID, "load_balancer_type is %s, and this controller has no AWS",
                               type);
        if (!aws_balancer_open(&ret->ec2.work, &ret->aws_spec, &ret->aws, &found, err))
                return false;
        if (found)
                say(ret, &ret->aws.balancer, type);
        else
                job_log(job, "No load balancer: load_balancer_type is not set, and %s",
                        text_empty(ret->aws_spec.group) ? "the application has no Auto Scaling group"
                                                        : "its Auto Scaling group has none");
        return true;
}

/* ---- HAProxy ---- */

static HaproxyBalancerSpec haproxy_spec(const JobContext *job) {
        const Document *settings = settings_of(job);
        const JobLimits *limits = &job->services->limits;
        int api = HAPROXY_HAPI;

        (void) names_value(&haproxy_api_names, document_get_string(settings, "haproxy_api"), &api);
        return (HaproxyBalancerSpec){
                .app_tag = document_get_string(settings, "app_tag_value"),
                .env = document_get_string(job->app, "env"),
                .backend = document_get_string(settings, "ha_backend"),
                .api = (HaproxyApiKind) api,
                .port = (int) document_get_int(settings, "api_port"),
                .drain_ms = limits->in_service_ms,
                .in_service_ms = limits->in_service_ms,
                .answer_ms = limits->agent_wait_ms,
                .poll_ms = aws_poll_interval_ms(job->services->aws),
                .wait_before_ms = document_get_int(settings, "wait_before_deploy") * SECOND_MS,
                .wait_after_ms = document_get_int(settings, "wait_after_deploy") * SECOND_MS,
        };
}

static bool open_haproxy(JobBalancer *ret, Error **err) {
        const Document *settings = settings_of(ret->ec2.job);
        static const char *const needed[] = { "app_tag_value", "ha_backend" };

        if (!ret->ec2.job->services->aws)
                return error_set(
                        err, ERROR_INVALID,
                        "load_balancer_type is haproxy, and this controller has no AWS to find it by");
        for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
                if (!*document_get_string(settings, needed[i]))
                        return error_set(
                                err, ERROR_INVALID,
                                "load_balancer_type is haproxy, and safe-deployment.%s is missing",
                                needed[i]);
        ret->haproxy_spec = haproxy_spec(ret->ec2.job);
        if (!haproxy_balancer_open(&ret->ec2.work, &ret->haproxy_spec, &ret->haproxy, err))
                return false;
        say(ret, &ret->haproxy.balancer, "haproxy");
        return true;
}

/* ---- which ---- */

static bool open_none(JobBalancer *ret, Error **err) {
        (void) err;
        job_log(ret->ec2.job, "No load balancer: load_balancer_type is none");
        return true;
}

static const struct {
        const char *type; /* safe-deployment.load_balancer_type */
        bool (*open)(JobBalancer *ret, Error **err);
} kinds[] = {
        { "", open_group },    { "elb", open_group },       { "alb", open_group },
        { "nlb", open_group }, { "haproxy", open_haproxy }, { "none", open_none },
};

void job_balancer_clear(JobBalancer *balancer) {
        if (!balancer->opened)
                return;
        aws_balancer_clear(&balancer->aws);
        haproxy_balancer_clear(&balancer->haproxy);
        job_ec2_clear(&balancer->ec2);
        *balancer = (JobBalancer){ 0 };
}

bool job_balancer_open(JobContext *job, const JobOptions *options, JobBalancer *ret, Error **err) {
        const char *type = document_get_string(settings_of(job), "load_balancer_type");

        *ret = (JobBalancer){ 0 };
        if (options->safe.kind == SAFE_NONE)
                return true;
        job_ec2_init(&ret->ec2, job);
        ret->opened = true;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (text_equal(kinds[i].type, type))
                        return kinds[i].open(ret, err);
        return error_set(
                err, ERROR_INVALID,
                "safe-deployment.load_balancer_type '%.40s' cannot be used: elb, alb, nlb, haproxy or none "
                "is "
                "expected, or nothing for what the Auto Scaling group has",
                type);
}

void job_balancer_put_back(JobContext *job) {
        if (!job->app || !job->services->aws)
                return;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        job_ec2_init(&ec2, job);
        aws_balancer_put_back_all(&ec2.work);
        if (text_equal(document_get_string(settings_of(job), "load_balancer_type"), "haproxy")) {
                HaproxyBalancerSpec spec = haproxy_spec(job);
                haproxy_balancer_put_back_all(&ec2.work, &spec);
        }
}
