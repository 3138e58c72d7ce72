#include "jobs/steps/haproxy_balancer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/steps/balancer_return.h"

enum { SECOND_MS = 1000, EXCHANGE_MS = 10 * 1000 };

#define STEP_HOSTS "haproxy.hosts"
#define STEP_OUT "haproxy.out" /* .NAME: "i-1 10.0.0.7", what was taken out; empty: put back */
#define STEP_NAMES "haproxy.names"

void haproxy_balancer_clear(HaproxyBalancer *haproxy) {
        if (haproxy->jobs_own)
                haproxy->work->session = haproxy->jobs_own;
        string_list_clear(&haproxy->hosts);
        *haproxy = (HaproxyBalancer){ 0 };
}

/* ---- one HAProxy ---- */

static HaproxyPeer peer_at(const HaproxyBalancer *haproxy, const char *host) {
        return (HaproxyPeer){ .api = haproxy->spec->api,
                              .host = host,
                              .port = haproxy->spec->port,
                              .deadline = deadline_after_ms(EXCHANGE_MS) };
}

static bool may_pass(const Error *error) {
        return error_kind(error) == ERROR_UNAVAILABLE || error_kind(error) == ERROR_TIMEOUT;
}

/* One that is being restarted is asked again for a while. server NULL: the list is asked for. */
static bool ask(
        const HaproxyBalancer *haproxy, const char *host, const HaproxyServer *server, HaproxyOrder order,
        HaproxyServers *ret, Error **err) {
        Deadline deadline = deadline_after_ms(haproxy->spec->answer_ms);

        for (;;) {
                CLEANUP(error_free) Error *why = NULL;
                HaproxyPeer peer = peer_at(haproxy, host);
                bool good = server ? haproxy_order(&peer, haproxy->spec->backend, server, order, &why)
                                   : haproxy_list(&peer, haproxy->spec->backend, ret, &why);

                if (good)
                        return true;
                if (!may_pass(why) || deadline_passed(deadline)) {
                        *err = TAKE(why);
                        return false;
                }
                if (!aws_session_sleep(haproxy->work->session, haproxy->spec->poll_ms, err))
                        return false;
        }
}

static bool list_servers(const HaproxyBalancer *haproxy, const char *host, HaproxyServers *ret, Error **err) {
        return ask(haproxy, host, NULL, HAPROXY_PUT_BACK, ret, err);
}

/* A server that is not in the backend of this one is none of its business. */
static bool order_at(
        const HaproxyBalancer *haproxy, const char *host, const StringList *addresses, HaproxyOrder order,
        Error **err) {
        CLEANUP(haproxy_servers_clear) HaproxyServers servers = { 0 };

        if (!list_servers(haproxy, host, &servers, err))
                return false;
        for (size_t i = 0; i < addresses->count; i++) {
                const HaproxyServer *server = haproxy_servers_find(&servers, addresses->items[i]);
                if (server && !ask(haproxy, host, server, order, NULL, err))
                        return false;
        }
        return true;
}

static bool order_all(
        const HaproxyBalancer *haproxy, const StringList *addresses, HaproxyOrder order, Error **err) {
        for (size_t i = 0; i < haproxy->hosts.count; i++)
                if (!order_at(haproxy, haproxy->hosts.items[i], addresses, order, err))
                        return false;
        return true;
}

/* ---- which instance is which server ---- */

static bool find_addresses(
        const HaproxyBalancer *haproxy, const StringList *ids, bool running_alone, StringList *ret_lines,
        Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (ids->count == 0)
                return true;
        if (!ec2_find_instances(haproxy->work->session, ids, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (!running_alone || found.items[i].state == EC2_RUNNING)
                        string_list_addf(ret_lines, "%s %s", found.items[i].id, found.items[i].private_ip);
        return true;
}

static const char *address_of(const char *line) {
        const char *blank = strchr(line, ' ');

        return blank ? blank + 1 : "";
}

static bool is_of(const char *line, const StringList *ids) {
        for (size_t i = 0; i < ids->count; i++)
                if (text_starts_with(line, ids->items[i]) && line[strlen(ids->items[i])] == ' ')
                        return true;
        return false;
}

/* ---- before anything is changed ---- */

static void describe(void *context, Text *ret) {
        const HaproxyBalancer *haproxy = context;

        text_appendf(ret, "backend %s of HAProxy ", haproxy->spec->backend);
        for (size_t i = 0; i < haproxy->hosts.count; i++)
                text_appendf(ret, "%s%s", i > 0 ? ", " : "", haproxy->hosts.items[i]);
}

static bool has_up(const HaproxyServers *servers, const char *address) {
        const HaproxyServer *server = haproxy_servers_find(servers, address);

        return server && server->state == HAPROXY_UP;
}

static bool same_up(const HaproxyServers *one, const HaproxyServers *other) {
        for (size_t i = 0; i < one->count; i++)
                if (one->items[i].state == HAPROXY_UP && !has_up(other, one->items[i].address))
                        return false;
        return true;
}

static bool check_servers(const HaproxyServers *servers, const char *host, Error **err) {
        CLEANUP(text_clear) Text bad = { 0 };
        size_t up = 0;

        for (size_t i = 0; i < servers->count; i++) {
                up += servers->items[i].state == HAPROXY_UP;
                if (servers->items[i].state == HAPROXY_DOWN)
                        text_appendf(
                                &bad, "%s%s (%s)", bad.length > 0 ? ", " : "", servers->items[i].name,
                                servers->items[i].address);
        }
        if (bad.length > 0)
                return error_set(
                        err, ERROR_CONFLICT,
                        "Cannot continue because one or more instances are in the out of service state: "
                        "HAProxy %s has these down: %.600s",
                        host, bad.data);
        return up > 0 ||
               error_set(
                       err, ERROR_CONFLICT,
                       "Cannot continue because HAProxy %s has no server that is up in the backend", host);
}

static bool check(void *context, Error **err) {
        const HaproxyBalancer *haproxy = context;
        CLEANUP(haproxy_servers_clear) HaproxyServers first = { 0 };

        if (!list_servers(haproxy, haproxy->hosts.items[0], &first, err) ||
            !check_servers(&first, haproxy->hosts.items[0], err))
                return false;
        for (size_t i = 1; i < haproxy->hosts.count; i++) {
                CLEANUP(haproxy_servers_clear) HaproxyServers other = { 0 };
                const char *host = haproxy->hosts.items[i];

                if (!list_servers(haproxy, host, &other, err) || !check_servers(&other, host, err))
                        return false;
                if (!same_up(&first, &other) || !same_up(&other, &first))
                        return error_set(
                                err, ERROR_CONFLICT,
                                "Cannot continue because the HAProxys do not send work to the same servers: "
                                "compare backend %s of %s and %s",
                                haproxy->spec->backend, haproxy->hosts.items[0], host);
        }
        return true;
}

/* With the HAProxy that sees fewest. */
static bool count_healthy(void *context, const StringList *except, size_t *ret, Error **err) {
        const HaproxyBalancer *haproxy = context;
        CLEANUP(string_list_clear) StringList lines = { 0 };

        *ret = SIZE_MAX;
        if (!find_addresses(haproxy, except, false, &lines, err))
                return false;
        for (size_t i = 0; i < haproxy->hosts.count; i++) {
                CLEANUP(haproxy_servers_clear) HaproxyServers servers = { 0 };
                size_t up = 0;

                if (!list_servers(haproxy, haproxy->hosts.items[i], &servers, err))
                        return false;
                for (size_t k = 0; k < servers.count; k++) {
                        bool excepted = false;
                        for (size_t n = 0; n < lines.count; n++)
                                excepted = excepted ||
                                           text_equal(address_of(lines.items[n]), servers.items[k].address);
                        up += servers.items[k].state == HAPROXY_UP && !excepted;
                }
                *ret = up < *ret ? up : *ret;
        }
        return true;
}

/* ---- out and in ---- */

static char *out_step(const char *name) {
        return xasprintf(STEP_OUT ".%s", name);
}

/* Those that get requests: what somebody put into maintenance stays there. */
static bool select_up(const HaproxyBalancer *haproxy, const StringList *lines, StringList *ret, Error **err) {
        for (size_t i = 0; i < haproxy->hosts.count; i++) {
                CLEANUP(haproxy_servers_clear) HaproxyServers servers = { 0 };

                if (!list_servers(haproxy, haproxy->hosts.items[i], &servers, err))
                        return false;
                for (size_t k = 0; k < lines->count; k++)
                        if (has_up(&servers, address_of(lines->items[k])) &&
                            !string_list_contains(ret, lines->items[k]))
                                string_list_add(ret, lines->items[k]);
        }
        return true;
}

/* What is taken out under that name, known before it is. */
static bool note(
        const HaproxyBalancer *haproxy, const char *name, const StringList *ids, StringList *ret,
        Error **err) {
        CLEANUP(free) char *step = out_step(name);
        CLEANUP(string_list_clear) StringList lines = { 0 };
        bool known = false;

        if (!work_recall_list(haproxy->work, step, ret, &known, err))
                return false;
        if (ret->count > 0)
                return true;
        return find_addresses(haproxy, ids, false, &lines, err) && select_up(haproxy, &lines, ret, err) &&
               work_remember_in_list(haproxy->work, STEP_NAMES, name, err) &&
               work_remember_list(haproxy->work, step, ret, err);
}

typedef bool (*Waiting)(const HaproxyServer *server);

static bool has_sessions(const HaproxyServer *server) {
        return server->sessions > 0;
}

static bool is_not_up(const HaproxyServer *server) {
        return server->state != HAPROXY_UP;
}

static bool find_waiting(
        const HaproxyBalancer *haproxy, const StringList *addresses, Waiting waiting, Text *ret,
        Error **err) {
        for (size_t i = 0; i < haproxy->hosts.count; i++) {
                CLEANUP(haproxy_servers_clear) HaproxyServers servers = { 0 };

                if (!list_servers(haproxy, haproxy->hosts.items[i], &servers, err))
                        return false;
                for (size_t k = 0; k < addresses->count; k++) {
                        const HaproxyServer *server = haproxy_servers_find(&servers, addresses->items[k]);
                        if (server && waiting(server))
                                text_appendf(
                                        ret, "%s%s (%s) at %s", ret->length > 0 ? ", " : "", server->name,
                                        names_word(&haproxy_state_names, (int) server->state),
                                        haproxy->hosts.items[i]);
                }
        }
        return true;
}

static bool wait_while(
        const HaproxyBalancer *haproxy, const StringList *addresses, Waiting waiting, int64_t longest_ms,
        const char *why, Error **err) {
        Deadline deadline = deadline_after_ms(longest_ms);
        bool told = false;

        for (;;) {
                CLEANUP(text_clear) Text left = { 0 };

                if (!find_waiting(haproxy, addresses, waiting, &left, err))
                        return false;
                if (left.length == 0)
                        return true;
                if (!told)
                        work_log(
                                haproxy->work, "Waiting at most %llds: %s: %.600s",
                                (long long) (longest_ms / SECOND_MS), why, left.data);
                told = true;
                if (deadline_passed(deadline))
                        return error_set(
                                err, ERROR_TIMEOUT, "%s: not within %llds: %.600s", why,
                                (long long) (longest_ms / SECOND_MS), left.data);
                if (!aws_session_sleep(haproxy->work->session, haproxy->spec->poll_ms, err))
                        return false;
        }
}

static void addresses_of(const StringList *lines, const StringList *ids, StringList *ret) {
        for (size_t i = 0; i < lines->count; i++)
                if (is_of(lines->items[i], ids))
                        string_list_add(ret, address_of(lines->items[i]));
}

static bool take_out(void *context, const char *name, const StringList *ids, Error **err) {
        const HaproxyBalancer *haproxy = context;
        CLEANUP(string_list_clear) StringList lines = { 0 };
        CLEANUP(string_list_clear) StringList addresses = { 0 };

        if (!note(haproxy, name, ids, &lines, err))
                return false;
        addresses_of(&lines, ids, &addresses);
        if (addresses.count == 0) {
                work_log(haproxy->work, "None of these instances gets requests from HAProxy");
                return true;
        }
        return order_all(haproxy, &addresses, HAPROXY_TAKE_OUT, err) &&
               wait_while(
                       haproxy, &addresses, has_sessions, haproxy->spec->drain_ms, "sessions have to end",
                       err);
}

static bool put_back(void *context, const char *name, const StringList *ids, Error **err) {
        const HaproxyBalancer *haproxy = context;
        CLEANUP(free) char *step = out_step(name);
        CLEANUP(string_list_clear) StringList lines = { 0 }, running = { 0 }, addresses = { 0 };
        bool known = false;

        if (!work_recall_list(haproxy->work, step, &lines, &known, err) ||
            (lines.count > 0 && !find_addresses(haproxy, ids, true, &running, err)))
                return false;
        for (size_t i = 0; i < running.count; i++)
                if (string_list_contains(&lines, running.items[i]))
                        string_list_add(&addresses, address_of(running.items[i]));
        return order_all(haproxy, &addresses, HAPROXY_PUT_BACK, err) &&
               wait_while(
                       haproxy, &addresses, is_not_up, haproxy->spec->in_service_ms,
                       "servers have to be up again", err) &&
               haproxy->work->remember(haproxy->work->context, step, "", err);
}

static void going_back(void *context) {
        HaproxyBalancer *haproxy = context;

        haproxy->last = work_last_session(haproxy->work);
        haproxy->work->session = &haproxy->last;
}

/* ---- the whole ---- */

static bool find_hosts(Ec2Work *work, const HaproxyBalancerSpec *spec, StringList *ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        ec2_filters_add_tag(&filters, "app", spec->app_tag);
        ec2_filters_add_tag(&filters, "env", spec->env);
        ec2_filters_add_tag(&filters, "role", HAPROXY_ROLE);
        ec2_filters_add(&filters, "instance-state-name", "running");
        if (!ec2_describe_instances(work->session, &filters, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                string_list_add(ret, found.items[i].private_ip);
        return ret->count > 0 ||
               error_set(
                       err, ERROR_NOT_FOUND,
                       "Cannot continue because no HAProxy runs: an instance with the tags app:%s, env:%s, "
                       "role:" HAPROXY_ROLE " is expected (safe-deployment.app_tag_value)",
                       spec->app_tag, spec->env);
}

static bool check_spec(const HaproxyBalancerSpec *spec, Error **err) {
        const char *missing = text_empty(spec->app_tag)   ? "app_tag_value"
                              : text_empty(spec->backend) ? "ha_backend"
                                                          : NULL;

        return !missing ||
               error_set(
                       err, ERROR_INVALID, "safe-deployment.%s is needed where load_balancer_type is haproxy",
                       missing);
}

bool haproxy_balancer_open(
        Ec2Work *work, const HaproxyBalancerSpec *spec, HaproxyBalancer *ret, Error **err) {
        bool known = false;

        *ret = (HaproxyBalancer){ .work = work, .jobs_own = work->session, .spec = spec };
        if (!check_spec(spec, err) || !work_recall_list(work, STEP_HOSTS, &ret->hosts, &known, err) ||
            (!known && (!find_hosts(work, spec, &ret->hosts, err) ||
                        !work_remember_list(work, STEP_HOSTS, &ret->hosts, err))))
                return false;
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
        HaproxyBalancer *haproxy = context;
        CLEANUP(free) char *step = out_step(name);
        CLEANUP(string_list_clear) StringList lines = { 0 }, addresses = { 0 };
        bool known = false;

        if ((haproxy->hosts.count == 0 &&
             !work_recall_list(haproxy->work, STEP_HOSTS, &haproxy->hosts, &known, err)) ||
            !work_recall_list(haproxy->work, step, &lines, &known, err))
                return false;
        for (size_t i = 0; i < lines.count; i++)
                string_list_add(&addresses, address_of(lines.items[i]));
        return order_all(haproxy, &addresses, HAPROXY_PUT_BACK, err);
}

void haproxy_balancer_put_back_all(Ec2Work *work, const HaproxyBalancerSpec *spec) {
        HaproxyBalancer haproxy = { .work = work, .spec = spec };

        balancer_return_all(
                work, &(BalancerReturn){
                              .names = STEP_NAMES,
                              .put_back = put_back_one,
                              .context = &haproxy,
                              .left = "Not all servers get requests from HAProxy again",
                              .remedy = "please see to it yourself",
                      });
        string_list_clear(&haproxy.hosts);
}
