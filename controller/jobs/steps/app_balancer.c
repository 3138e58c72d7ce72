#include "jobs/steps/app_balancer.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SECOND_MS = 1000 };

static const Document *settings_of(const AppBalancerSpec *spec) {
        return document_get(spec->app, "safe-deployment");
}

static void say(AppBalancer *ret, const DeployBalancer *balancer, const char *type) {
        CLEANUP(text_clear) Text names = { 0 };

        ret->balancer = balancer;
        balancer->describe(balancer->context, &names);
        work_log(
                ret->work, "Load balancer (%s): %s",
                text_empty(type) ? "as the Auto Scaling group has it" : type, names.data);
}

/* ---- the group's ---- */

static AwsBalancerSpec aws_spec(const AppBalancerSpec *spec) {
        const Document *settings = settings_of(spec);

        return (AwsBalancerSpec){
                .group = document_get_string(spec->app, "autoscale.name"),
                .type = document_get_string(settings, "load_balancer_type"),
                .in_service_ms = spec->in_service_ms,
                .wait_before_ms = document_get_int(settings, "wait_before_deploy") * SECOND_MS,
                .wait_after_ms = document_get_int(settings, "wait_after_deploy") * SECOND_MS,
        };
}

static bool open_group(AppBalancer *ret, const AppBalancerSpec *spec, Error **err) {
        bool found = false;

        ret->aws_spec = aws_spec(spec);
        const char *type = ret->aws_spec.type;
        if (!ret->work->session->aws)
                return text_empty(type) ||
                       error_set(
                               err, ERROR_INVALID, "load_balancer_type is %s, and this controller has no AWS",
                               type);
        if (!aws_balancer_open(ret->work, &ret->aws_spec, &ret->aws, &found, err))
                return false;
        if (found)
                say(ret, &ret->aws.balancer, type);
        else
                work_log(
                        ret->work, "No load balancer: load_balancer_type is not set, and %s",
                        text_empty(ret->aws_spec.group) ? "the application has no Auto Scaling group"
                                                        : "its Auto Scaling group has none");
        return true;
}

/* ---- HAProxy ---- */

static HaproxyBalancerSpec haproxy_spec(const Ec2Work *work, const AppBalancerSpec *spec) {
        const Document *settings = settings_of(spec);
        int api = HAPROXY_HAPI;

        (void) names_value(&haproxy_api_names, document_get_string(settings, "haproxy_api"), &api);
        return (HaproxyBalancerSpec){
                .app_tag = document_get_string(settings, "app_tag_value"),
                .env = document_get_string(spec->app, "env"),
                .backend = document_get_string(settings, "ha_backend"),
                .api = (HaproxyApiKind) api,
                .port = (int) document_get_int(settings, "api_port"),
                .drain_ms = spec->in_service_ms,
                .in_service_ms = spec->in_service_ms,
                .answer_ms = spec->answer_ms,
                .poll_ms = aws_poll_interval_ms(work->session->aws),
                .wait_before_ms = document_get_int(settings, "wait_before_deploy") * SECOND_MS,
                .wait_after_ms = document_get_int(settings, "wait_after_deploy") * SECOND_MS,
        };
}

static bool open_haproxy(AppBalancer *ret, const AppBalancerSpec *spec, Error **err) {
        static const char *const needed[] = { "app_tag_value", "ha_backend" };

        if (!ret->work->session->aws)
                return error_set(
                        err, ERROR_INVALID,
                        "load_balancer_type is haproxy, and this controller has no AWS to find it by");
        for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
                if (!*document_get_string(settings_of(spec), needed[i]))
                        return error_set(
                                err, ERROR_INVALID,
                                "load_balancer_type is haproxy, and safe-deployment.%s is missing",
                                needed[i]);
        ret->haproxy_spec = haproxy_spec(ret->work, spec);
        if (!haproxy_balancer_open(ret->work, &ret->haproxy_spec, &ret->haproxy, err))
                return false;
        say(ret, &ret->haproxy.balancer, "haproxy");
        return true;
}

/* ---- which ---- */

static bool open_none(AppBalancer *ret, const AppBalancerSpec *spec, Error **err) {
        (void) spec, (void) err;
        work_log(ret->work, "No load balancer: load_balancer_type is none");
        return true;
}

static const struct {
        const char *type; /* safe-deployment.load_balancer_type */
        bool (*open)(AppBalancer *ret, const AppBalancerSpec *spec, Error **err);
} kinds[] = {
        { "", open_group },    { "elb", open_group },       { "alb", open_group },
        { "nlb", open_group }, { "haproxy", open_haproxy }, { "none", open_none },
};

void app_balancer_clear(AppBalancer *balancer) {
        aws_balancer_clear(&balancer->aws);
        haproxy_balancer_clear(&balancer->haproxy);
        *balancer = (AppBalancer){ 0 };
}

bool app_balancer_open(Ec2Work *work, const AppBalancerSpec *spec, AppBalancer *ret, Error **err) {
        const char *type = document_get_string(settings_of(spec), "load_balancer_type");

        *ret = (AppBalancer){ .work = work };
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (text_equal(kinds[i].type, type))
                        return kinds[i].open(ret, spec, err);
        return error_set(
                err, ERROR_INVALID,
                "safe-deployment.load_balancer_type '%.40s' cannot be used: elb, alb, nlb, haproxy or none "
                "is expected, or nothing for what the Auto Scaling group has",
                type);
}

void app_balancer_put_back_all(Ec2Work *work, const AppBalancerSpec *spec) {
        aws_balancer_put_back_all(work);
        if (text_equal(document_get_string(settings_of(spec), "load_balancer_type"), "haproxy")) {
                HaproxyBalancerSpec haproxy = haproxy_spec(work, spec);
                haproxy_balancer_put_back_all(work, &haproxy);
        }
}
